// Package asynq wakes workers through asynq on Redis.
//
// A task is a nudge: the kind of thing to look at, a tenant and an id. The
// database knows what is due and a sweeper asks again, so that nothing here is
// relied on. A nudge has no id of its own, no uniqueness and no retention,
// because each of those lets a task that asynq lost sight of block the next
// one. It is not retried, and a handler cannot fail.
//
// [Embedded] is a Redis server inside the process, for installations without
// one.
package asynq
