package main

import (
	"fmt"

	"byte8.io/ledger/graph"
)

type schemaCommand struct{}

// Run prints the schema.
func (schemaCommand) Run(s streams) error {
	if _, err := fmt.Fprint(s.out, graph.SDL()); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	return nil
}
