// Package smtp hands messages with one-time links to a mail server.
package smtp
