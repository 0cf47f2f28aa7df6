package ports

import "context"

// Mail sends messages to people.
type Mail interface {
	// Send hands a message over to be delivered. It ends with the context.
	Send(ctx context.Context, message Message) error
}

// Message is one message with a one-time link.
type Message struct {
	// To is a bare e-mail address.
	To string
	// About is the id of the member or the invitation, for the operator's log.
	About   string
	Subject string
	// Text is what stands above the link.
	Text string
	Link string
}
