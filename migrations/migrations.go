// Package migrations holds the schema: one folder of numbered SQL files a
// dialect, read in order. The two folders have the same files and make the same
// tables, columns and constraint names.
package migrations

import "embed"

// Files holds the folders postgres and sqlite.
//
//go:embed postgres/*.sql sqlite/*.sql
var Files embed.FS
