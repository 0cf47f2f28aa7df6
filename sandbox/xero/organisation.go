package xero

import (
	"cmp"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// organisation is one company file. Its lock is held for the whole of a call's
// work, so every call sees and leaves the books consistent.
type organisation struct {
	mu          sync.Mutex
	tenantID    string
	profile     Organisation
	periodLock  time.Time
	yearLock    time.Time
	location    *time.Location
	created     time.Time
	accounts    []*account
	tracking    []*trackingCategory
	contacts    contactBook
	items       itemBook
	invoices    documentBook
	creditNotes documentBook
	payments    paymentBook
}

type account struct {
	Account
	id      string
	updated time.Time
}

type trackingCategory struct {
	TrackingCategory
	id      string
	options map[string]string // id by lower-case name
}

func newOrganisation(profile Organisation, now time.Time) *organisation {
	o := &organisation{
		tenantID:    strings.ToLower(profile.TenantID),
		profile:     profile,
		location:    zone(profile.Timezone),
		created:     now,
		contacts:    newContactBook(),
		items:       newItemBook(),
		invoices:    newDocumentBook("INV"),
		creditNotes: newDocumentBook("CN"),
		payments:    newPaymentBook(),
	}
	o.periodLock, _ = time.Parse(time.DateOnly, profile.PeriodLockDate)
	o.yearLock, _ = time.Parse(time.DateOnly, profile.EndOfYearLockDate)
	for _, a := range profile.Accounts {
		a.Status = cmp.Or(a.Status, "ACTIVE")
		o.accounts = append(o.accounts, &account{Account: a, id: o.stableID("account", a.Code+a.Name), updated: now})
	}
	for _, t := range profile.TrackingCategories {
		category := &trackingCategory{TrackingCategory: t, id: o.stableID("tracking", t.Name), options: map[string]string{}}
		for _, option := range t.Options {
			category.options[strings.ToLower(option)] = o.stableID("option", t.Name+"/"+option)
		}
		o.tracking = append(o.tracking, category)
	}
	return o
}

// stableID names a thing of the seed by the same identifier in every run.
func (o *organisation) stableID(kind, name string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(o.tenantID+"/"+kind+"/"+name)).String()
}

// zone knows the zones of the countries a seed is likely to be in; an unknown
// one is taken as UTC.
func zone(name string) *time.Location {
	places := map[string]string{
		"GMTSTANDARDTIME":        "Europe/London",
		"WEUROPESTANDARDTIME":    "Europe/Berlin",
		"ROMANCESTANDARDTIME":    "Europe/Paris",
		"EASTERNSTANDARDTIME":    "America/New_York",
		"AUSEASTERNSTANDARDTIME": "Australia/Sydney",
		"NEWZEALANDSTANDARDTIME": "Pacific/Auckland",
	}
	location, err := time.LoadLocation(places[name])
	if err != nil {
		return time.UTC
	}
	return location
}

func (o *organisation) perform(c *call, handle func(*call) answer) answer {
	o.mu.Lock()
	defer o.mu.Unlock()
	return handle(c)
}

func (o *organisation) name() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.profile.Name
}

func (o *organisation) today(now time.Time) time.Time { return dateOf(now.In(o.location)) }

// book is where the documents of the type are kept.
func (o *organisation) book(t documentType) *documentBook {
	if t == typeCredit {
		return &o.creditNotes
	}
	return &o.invoices
}

func (o *organisation) account(code, id string) *account {
	for _, a := range o.accounts {
		if code != "" && a.Code == code || id != "" && strings.EqualFold(a.id, id) {
			return a
		}
	}
	return nil
}

// postable finds an account that documents may post to. Bank accounts and the
// accounts that Xero itself posts to are closed; the rounding account is open.
func (o *organisation) postable(code, id string) *account {
	found := o.account(code, id)
	if found == nil || found.Status != "ACTIVE" || found.Type == "BANK" || found.SystemAccount != "" && found.SystemAccount != "ROUNDING" {
		return nil
	}
	return found
}

// applicable finds a tax type, or tells why it cannot be used on the side of
// the books that the class names, with the account if there is one.
func (o *organisation) applicable(taxType string, with *account, side string) (*TaxRate, string) {
	rate := o.taxRate(taxType)
	switch {
	case rate == nil || !rate.active():
		return nil, fmt.Sprintf("The TaxType code '%s' does not exist or cannot be used", taxType)
	case with != nil && (!rate.fits(with.Class) || !rate.fits(side)):
		return nil, fmt.Sprintf("The TaxType code '%s' cannot be used with account code '%s'.", taxType, with.Code)
	case !rate.fits(side):
		return nil, fmt.Sprintf("The TaxType code '%s' cannot be used on a document of this type", taxType)
	default:
		return rate, ""
	}
}

func (o *organisation) taxRate(taxType string) *TaxRate {
	for i := range o.profile.TaxRates {
		if o.profile.TaxRates[i].TaxType == taxType {
			return &o.profile.TaxRates[i]
		}
	}
	return nil
}

// dayRate is the exchange rate for documents that bring none.
func (o *organisation) dayRate(code string) (decimal.Decimal, bool) {
	for _, c := range o.profile.Currencies {
		if c.Code == code {
			if c.Rate.IsZero() {
				return decimal.NewFromInt(1), true
			}
			return c.Rate, true
		}
	}
	return decimal.Decimal{}, false
}

// locked names the lock that a document date falls under, if any. Both lock
// dates are the last locked day.
func (o *organisation) locked(date time.Time) string {
	const layout = "2 Jan 2006"
	switch {
	case !o.yearLock.IsZero() && !date.After(o.yearLock):
		return "The document date cannot be before the end of year lock date " + o.yearLock.Format(layout)
	case !o.periodLock.IsZero() && !date.After(o.periodLock):
		return "The document date cannot be before the period lock date " + o.periodLock.Format(layout)
	default:
		return ""
	}
}

// count adds what the organisation holds to the stats.
func (o *organisation) count(stats *Stats) {
	o.mu.Lock()
	defer o.mu.Unlock()
	stats.Invoices += len(o.invoices.list)
	stats.CreditNotes += len(o.creditNotes.list)
	stats.Contacts += len(o.contacts.list)
	stats.Items += len(o.items.list)
	stats.Payments += len(o.payments.list)
	for _, note := range o.creditNotes.list {
		stats.Allocations += len(note.allocations)
	}
	o.invoices.duplicates(stats.DuplicateReferences)
	o.creditNotes.duplicates(stats.DuplicateCreditNoteReferences)
}
