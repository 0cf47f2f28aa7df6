// Package scalar reads and writes the custom scalars of the GraphQL schema.
// What cannot be read is an Invalid fault, so that the client sees why.
package scalar

import "byte8.io/ledger/domain/fault"

func invalid(want string, got any) error {
	return fault.Newf(fault.CodeInvalid, "%s is expected, not %s.", want, shown(got))
}
