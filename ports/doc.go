// Package ports holds the interfaces the core calls: the store, the queue, the
// shop, the accounting provider, the vault and the call budget.
//
// A port's comment is its contract: each promise has a subtest in porttest, and
// every adapter of the port runs that suite. Errors are faults of domain/fault;
// no foreign error type crosses a port.
package ports
