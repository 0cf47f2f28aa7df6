package xero

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Errors of the methods that act as a Xero user would.
var (
	ErrNotFound = errors.New("not in the sandbox")
	ErrRefused  = errors.New("refused by the sandbox")
)

// InjectFault puts a fault at the end of the queue. A Count of zero is taken
// as one; a kind that is not known and a negative number are errors.
func (s *Server) InjectFault(f Fault) error { return s.faults.add(f) }

// ClearFaults drops the faults that have not been spent.
func (s *Server) ClearFaults() { s.faults.clear() }

// SetLimits replaces the limits; windows and calls in flight stand.
func (s *Server) SetLimits(l Limits) { s.limiter.set(l.withDefaults()) }

// SetLatency replaces the latency.
func (s *Server) SetLatency(l Latency) { s.latency.set(l) }

// ExpireTokens ends the life of every access token; refresh tokens stand.
func (s *Server) ExpireTokens() { s.vault.expireAll(s.options.Now()) }

// RevokeTokens ends every token and connection, as when the user disconnects
// the app in Xero.
func (s *Server) RevokeTokens() { s.vault.revoke() }

// ClearIdempotency forgets every idempotency key, as after six minutes.
func (s *Server) ClearIdempotency() { s.replays.clear() }

// SetConsent decides the next consents: denied, or given for the organisations
// named, all of them when none is.
func (s *Server) SetConsent(deny bool, tenantIDs []string) {
	s.vault.mu.Lock()
	defer s.vault.mu.Unlock()
	s.vault.deny, s.vault.choice = deny, slices.Clone(tenantIDs)
}

// SetLockDates replaces the lock dates of an organisation; the zero time lifts
// a lock.
func (s *Server) SetLockDates(tenantID string, period, endOfYear time.Time) error {
	return s.update(tenantID, func(o *organisation) error {
		o.periodLock, o.yearLock = period, endOfYear
		return nil
	})
}

// SetAccountStatus makes an account ACTIVE, ARCHIVED or DELETED.
func (s *Server) SetAccountStatus(tenantID, code, status string) error {
	if !slices.Contains([]string{"ACTIVE", "ARCHIVED", "DELETED"}, status) {
		return fmt.Errorf("account status %q: %w", status, ErrRefused)
	}
	return s.update(tenantID, func(o *organisation) error {
		found := o.account(code, "")
		if found == nil {
			return fmt.Errorf("account %s: %w", code, ErrNotFound)
		}
		found.Status, found.updated = status, s.options.Now()
		return nil
	})
}

// ArchiveContact archives a contact, which frees its name.
func (s *Server) ArchiveContact(id string) error {
	return s.withContact(id, func(o *organisation, c *contact) error {
		o.archive(c, "", s.options.Now())
		return nil
	})
}

// MergeContact archives a contact in favour of another one of the same
// organisation, which takes its documents over.
func (s *Server) MergeContact(id, into string) error {
	return s.withContact(id, func(o *organisation, c *contact) error {
		target := o.contacts.byID[idKey(into)]
		if target == nil || target == c || !target.active() {
			return fmt.Errorf("merging into contact %s: %w", into, ErrNotFound)
		}
		for _, d := range slices.Concat(o.invoices.list, o.creditNotes.list) {
			if d.contact == c {
				d.contact = target
			}
		}
		o.archive(c, target.id, s.options.Now())
		return nil
	})
}

// VoidInvoice does to an invoice what a Xero user can: an approved one is
// voided, an unapproved one deleted. One that bears payments or credit is
// refused.
func (s *Server) VoidInvoice(id string) error { return s.void(typeSales, id) }

// VoidCreditNote does the same to a credit note; one that is refunded or
// allocated, if only in part, is refused.
func (s *Server) VoidCreditNote(id string) error { return s.void(typeCredit, id) }

func (s *Server) void(t documentType, id string) error {
	for _, o := range s.chosen("") {
		o.mu.Lock()
		found := o.book(t).byID[idKey(id)]
		if found == nil {
			o.mu.Unlock()
			continue
		}
		defer o.mu.Unlock()
		changed := *found
		switch {
		case found.settledInPart() || found.ended():
			return fmt.Errorf("voiding %s %s, which is %s: %w", t.noun(), found.number, found.status, ErrRefused)
		case found.status == statusDraft || found.status == statusSubmitted:
			changed.status = statusDeleted
		default:
			changed.status = statusVoided
		}
		changed.updated = s.options.Now()
		o.book(t).replace(found, changed, &journal{})
		return nil
	}
	return fmt.Errorf("%s %s: %w", t.noun(), id, ErrNotFound)
}

func (o *organisation) archive(c *contact, into string, now time.Time) {
	changed := *c
	changed.status, changed.mergedInto, changed.updated = contactArchived, into, now
	o.contacts.replace(c, changed, &journal{})
}

func (s *Server) withContact(id string, change func(*organisation, *contact) error) error {
	for _, o := range s.chosen("") {
		o.mu.Lock()
		if found := o.contacts.byID[idKey(id)]; found != nil {
			defer o.mu.Unlock()
			return change(o, found)
		}
		o.mu.Unlock()
	}
	return fmt.Errorf("contact %s: %w", id, ErrNotFound)
}

// update changes the organisation, the first one when the tenant is empty.
func (s *Server) update(tenantID string, change func(*organisation) error) error {
	chosen := s.chosen(tenantID)
	if len(chosen) == 0 {
		return fmt.Errorf("organisation %s: %w", tenantID, ErrNotFound)
	}
	o := chosen[0]
	o.mu.Lock()
	defer o.mu.Unlock()
	return change(o)
}
