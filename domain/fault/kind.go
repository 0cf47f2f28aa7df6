package fault

// Kind says who acts on a fault and how. A kind exists only where somebody acts
// differently on it.
type Kind uint8

// The kinds. Their order is not significant and not stored.
const (
	// Internal is a bug, or an error nobody classified. Its words are hidden.
	Internal Kind = iota
	// Invalid input breaks a rule. The same input fails again.
	Invalid
	// NotFound means there is no such thing, or it is somebody else's.
	NotFound
	// Conflict means the thing moved on or exists already.
	Conflict
	// Unauthenticated means the caller did not say, or prove, who it is.
	Unauthenticated
	// Denied means the caller is known and may not.
	Denied
	// Throttled means the remote asked us to wait. It carries Wait.
	Throttled
	// Unavailable means a remote or the store cannot answer now and nothing was
	// sent that could have taken effect.
	Unavailable
	// Uncertain means a write was sent and its answer is unknown: look up
	// before anything else.
	Uncertain
	// Rejected means the remote understood and refused for good.
	Rejected
	// Held means a person must map or decide something first. Nothing was posted.
	Held
	// Unlinked means the consent lapsed: the merchant must connect again.
	Unlinked
	kindCount
)

// RetryClass says what becomes of a run after a fault.
type RetryClass uint8

// The retry classes.
const (
	// Never ends the run: the same attempt would fail again.
	Never RetryClass = iota
	// Soon tries again with growing pauses and counts the attempt.
	Soon
	// Later tries again when the remote said, and counts nothing.
	Later
	// LookUp asks the provider what became of the write before anything else.
	LookUp
	// Hold keeps the run until a person has acted.
	Hold
	// HoldBinding keeps every run of the binding until somebody reconnects it.
	HoldBinding
)

var kinds = [kindCount]struct {
	code   string
	class  RetryClass
	means  string
	hidden bool
}{
	Internal:        {"INTERNAL", Soon, "a bug, or an error nobody classified", true},
	Invalid:         {"INVALID", Never, "the input breaks a rule", false},
	NotFound:        {"NOT_FOUND", Never, "no such thing, or not yours", false},
	Conflict:        {"CONFLICT", Soon, "it moved on, or exists already", false},
	Unauthenticated: {"UNAUTHENTICATED", Never, "the caller is not known", false},
	Denied:          {"DENIED", Never, "the caller may not", false},
	Throttled:       {"THROTTLED", Later, "the remote asked us to wait", false},
	Unavailable:     {"UNAVAILABLE", Soon, "a remote or the store cannot answer now", true},
	Uncertain:       {"UNCERTAIN", LookUp, "a write was sent and its answer is unknown", false},
	Rejected:        {"REJECTED", Never, "the remote understood and refused", false},
	Held:            {"HELD", Hold, "a person must map or decide something", false},
	Unlinked:        {"UNLINKED", HoldBinding, "consent lapsed; reconnect", false},
}

// String is the kind's permanent code as GraphQL shows it in extensions.code.
func (k Kind) String() string {
	if k >= kindCount {
		return kinds[Internal].code
	}
	return kinds[k].code
}

// Class is what becomes of a run that meets this kind.
func (k Kind) Class() RetryClass {
	if k >= kindCount {
		return kinds[Internal].class
	}
	return kinds[k].class
}

// Hidden reports whether the fault's own words stay inside: a caller sees the
// kind and a general sentence only.
func (k Kind) Hidden() bool { return k >= kindCount || kinds[k].hidden }

// Means says in a few words what the kind stands for.
func (k Kind) Means() string {
	if k >= kindCount {
		return kinds[Internal].means
	}
	return kinds[k].means
}

// String names the class as docs/errors.md prints it.
func (c RetryClass) String() string {
	switch c {
	case Never:
		return "not retried"
	case Soon:
		return "retried with growing pauses"
	case Later:
		return "retried when the remote allows"
	case LookUp:
		return "looked up first, then retried"
	case Hold:
		return "held for a person"
	case HoldBinding:
		return "held until reconnected"
	}
	return "unknown"
}
