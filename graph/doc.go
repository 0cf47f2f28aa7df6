// Package graph serves the GraphQL API of schema.graphqls.
//
// A resolver reads its arguments, calls one use case of package app and shapes
// the answer; a rule that holds without GraphQL does not live here. The code in
// exec and model is generated from the schema.
package graph
