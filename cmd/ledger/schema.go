package main

import (
	"fmt"

	"byte8.io/ledger/graph"
)

type schemaCommand struct{}

// Run prints the schema.
func (schemaCommand) Run(s streams) error {
	fmt.Fprint(s.out, graph.SDL())
	return nil
}
