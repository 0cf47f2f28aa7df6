package fault

import (
	"fmt"
	"strings"
)

// Document is docs/errors.md: every code with its kind, what becomes of a run
// that meets it, and the advice to the merchant.
func Document() string {
	var b strings.Builder
	b.WriteString("# Error codes\n\n")
	b.WriteString("Generated from `domain/fault`. Codes are permanent and never reused. ")
	b.WriteString("A code is what Magento's grid shows as Error Code, what `errorCode` of a run or a sync state holds in GraphQL, ")
	b.WriteString("and what `userErrors.errorCode` and `extensions.errorCode` hold. ")
	b.WriteString("`extensions.code` of a top-level GraphQL error is the kind.\n\n")
	b.WriteString("## Kinds\n\n| kind | means | a run that meets it is |\n|---|---|---|\n")
	for k := range kindCount {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", k, k.Means(), k.Class())
	}
	b.WriteString("\n## Codes\n\n| code | kind | what happened | what to do |\n|---|---|---|---|\n")
	for _, r := range table {
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", r.Code, r.Kind, r.Title, r.Advice)
	}
	return b.String()
}
