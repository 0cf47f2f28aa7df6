package asynq

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/hibiken/asynq"
)

// logger hands asynq's messages on. They carry task ids and errors of Redis,
// never payloads.
type logger struct{ log *slog.Logger }

var _ asynq.Logger = logger{}

// Debug implements asynq.Logger.
func (l logger) Debug(args ...any) { l.write(slog.LevelDebug, args) }

// Info implements asynq.Logger.
func (l logger) Info(args ...any) { l.write(slog.LevelInfo, args) }

// Warn implements asynq.Logger.
func (l logger) Warn(args ...any) { l.write(slog.LevelWarn, args) }

// Error implements asynq.Logger.
func (l logger) Error(args ...any) { l.write(slog.LevelWarn, args) }

// Fatal implements asynq.Logger. It ends nothing: the database holds the work.
func (l logger) Fatal(args ...any) { l.write(slog.LevelError, args) }

func (l logger) write(level slog.Level, args []any) {
	l.log.Log(context.Background(), level, "the queue reports", slog.String("detail", fmt.Sprint(args...))) //nolint:forbidigo // asynq's logger has no context
}
