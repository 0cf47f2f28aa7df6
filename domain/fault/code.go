package fault

// Code is the permanent name of one way things go wrong, in lower snake case,
// at most 64 characters (the width of Magento's error_code column).
type Code string

// IsKnown reports whether the fault table has the code.
func (c Code) IsKnown() bool {
	_, is := rows[c]
	return is
}

// Kind is the kind in the code's row; an unknown code is Internal.
func (c Code) Kind() Kind {
	if row, ok := rows[c]; ok {
		return row.Kind
	}
	return Internal
}

// IsHelpedByRetry reports whether a retry brings documents on that this code has
// stopped, once what the advice asks for is done. Others continue by themselves,
// or meet the same end again.
func (c Code) IsHelpedByRetry() bool {
	switch c {
	case CodeMagentoAuth, CodeProviderUnlinked, CodeProviderScope, CodeInvoiceNotAuthorised, CodeInvoiceUnderWay,
		CodeRemovedInProvider, CodePaymentExceedsDue, CodeNotSupported:
		return false
	default:
		return true
	}
}

// Advice is one or two sentences that tell a merchant what to do.
func (c Code) Advice() string { return rows[c].Advice }

// Title is a short name for the code in the merchant's words.
func (c Code) Title() string { return rows[c].Title }

// Row is one line of the fault table.
type Row struct {
	Code   Code
	Kind   Kind
	Title  string
	Advice string
}

// Table is every code in the order of docs/errors.md.
func Table() []Row {
	out := make([]Row, len(table))
	copy(out, table)
	return out
}

var rows = func() map[Code]Row {
	m := make(map[Code]Row, len(table))
	for _, r := range table {
		m[r.Code] = r
	}
	return m
}()
