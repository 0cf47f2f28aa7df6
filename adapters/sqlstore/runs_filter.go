package sqlstore

import (
	"context"
	"strings"
	"unicode/utf8"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// conditions collects the conditions of a query with their parameters.
type conditions struct {
	texts []string
	args  []any
}

func (c *conditions) add(text string, args ...any) {
	c.texts = append(c.texts, text)
	c.args = append(c.args, args...)
}

func (c *conditions) String() string { return strings.Join(c.texts, " AND ") }

// fewMatches is how many runs a text may fit and all of them be read to sort them
// by time. A text that fits more is met so often along the history that a page is
// full after a short walk.
const fewMatches = 20_000

// branches splits a filter into parts that share no run, each of which an index
// answers in the order of time: one for each status, or, for a text that fits few
// runs, one for each number it may be the start of.
func (s *Runs) branches(ctx context.Context, tenant access.TenantID, f ports.RunFilter) (parts []conditions, isSparse bool, err error) {
	text := f.Text
	if text != "" {
		if isSparse, err = s.fitsFew(ctx, tenant, text); err != nil {
			return nil, false, err
		}
	}
	part := func(f ports.RunFilter, more func(*conditions)) error {
		where := conditions{}
		where.add("tenant_id = ?", tenant)
		if err := s.narrow(&where, f); err != nil {
			return err
		}
		if more != nil {
			more(&where)
		}
		parts = append(parts, where)
		return nil
	}
	if isSparse {
		f.Text = ""
		err = part(f, func(where *conditions) { s.startsWith(where, "increment_id", text) })
		if err == nil {
			err = part(f, func(where *conditions) {
				s.startsWith(where, "provider_reference", text)
				number := conditions{}
				s.startsWith(&number, "increment_id", text)
				where.add("NOT ("+number.String()+")", number.args...)
			})
		}
		return parts, true, err
	}
	statuses := f.Statuses
	if len(statuses) == 0 {
		return parts, false, part(f, nil)
	}
	seen := map[syncrun.Status]bool{}
	for _, status := range statuses {
		if seen[status] {
			continue
		}
		seen[status] = true
		f.Statuses = []syncrun.Status{status}
		if err := part(f, nil); err != nil {
			return nil, false, err
		}
	}
	return parts, false, nil
}

// fitsFew reports whether a text is the start of few numbers of a tenant.
func (s *Runs) fitsFew(ctx context.Context, tenant access.TenantID, text string) (bool, error) {
	for _, column := range []string{"increment_id", "provider_reference"} {
		where := conditions{}
		where.add("tenant_id = ?", tenant)
		s.startsWith(&where, column, text)
		// The order asks for the index of the numbers.
		query := `SELECT COUNT(*) FROM (SELECT 1 FROM sync_runs WHERE ` + where.String() + ` ORDER BY tenant_id, ` + s.db.dialect.folded(column) + ` LIMIT ?) AS matches`
		var n int
		if err := s.db.get(ctx, &n, query, append(where.args, fewMatches+1)...); err != nil || n > fewMatches {
			return false, err
		}
	}
	return true, nil
}

// startsWith adds the condition that a column starts with a text. A range rather
// than LIKE: both databases answer it by the same index, and no character is a
// wildcard.
func (s *Runs) startsWith(where *conditions, column, text string) {
	folded := s.db.dialect.folded(column)
	from := asciiLower(storable(text))
	where.add(column+" <> '' AND "+folded+" >= ? AND "+folded+" < ?", from, from+string(utf8.MaxRune))
}

// asciiLower is what lower does in both databases: other letters keep their case.
func asciiLower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// narrow adds the conditions of a whole filter.
func (s *Runs) narrow(where *conditions, f ports.RunFilter) error {
	if f.Provider != "" {
		where.add("provider = ?", f.Provider)
	}
	if f.BindingID != "" {
		where.add("binding_id = ?", f.BindingID)
	}
	switch len(f.Statuses) {
	case 0:
	case 1:
		where.add("status = ?", f.Statuses[0])
	default:
		statuses, err := s.db.dialect.list(texts(f.Statuses))
		if err != nil {
			return err
		}
		where.add(s.db.dialect.isOneOf("status"), statuses)
	}
	if f.SkipReason != "" {
		where.add("skip_reason <> '' AND skip_reason = ?", f.SkipReason)
	}
	if f.ErrorCode != "" {
		where.add("error_code <> '' AND error_code = ?", f.ErrorCode)
	}
	if f.EntityType != "" {
		where.add("entity_type = ?", f.EntityType)
	}
	if f.Event != "" {
		entity, _ := f.Event.Entity()
		where.add("entity_type = ? AND event = ?", entity, f.Event)
	}
	if f.MagentoID != 0 {
		where.add("magento_id = ?", f.MagentoID)
		if f.EntityType == "" && f.Event == "" {
			// The index of documents has the type before the id.
			types, err := s.db.dialect.list(texts(commerce.EntityTypes()))
			if err != nil {
				return err
			}
			where.add(s.db.dialect.isOneOf("entity_type"), types)
		}
	}
	if f.Text != "" {
		number, reference := conditions{}, conditions{}
		s.startsWith(&number, "increment_id", f.Text)
		s.startsWith(&reference, "provider_reference", f.Text)
		where.add("("+number.String()+" OR "+reference.String()+")", append(number.args, reference.args...)...)
	}
	if f.CreatedFrom != nil {
		where.add("created_at >= ?", at(*f.CreatedFrom))
	}
	if f.CreatedTo != nil {
		where.add("created_at < ?", at(*f.CreatedTo))
	}
	return nil
}

func texts[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}
