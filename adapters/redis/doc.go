// Package redis shares what must be counted once for all workers through a
// Redis server: the call budgets of organisations.
//
// Every count is made by a script on the server and by the server's clock, so
// that processes whose clocks differ agree. Each process counts its own calls
// as well, and goes by that alone while the server cannot be reached.
package redis
