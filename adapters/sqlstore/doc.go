// Package sqlstore keeps everything in one SQL database: PostgreSQL in
// production, SQLite in a file for the embedded server.
//
// Both run the same statements; what differs stands in the dialect. A single
// statement is its own transaction, several run in one, and nothing remote is
// called inside. Times are kept in UTC to the microsecond. Secrets go through
// the vault before they reach a column.
package sqlstore
