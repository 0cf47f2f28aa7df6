package xero

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// query applies the where and order parameters to records. Without an order
// they stay in the order of their creation.
func query[T record](c *call, all []T) ([]T, *answer) {
	parameters := c.request.URL.Query()
	found := slices.Clone(all)
	if text := parameters.Get("where"); text != "" {
		wanted, err := parseWhere(text)
		if err != nil {
			a := badQuery(err.Error())
			return nil, &a
		}
		found = found[:0]
		for _, item := range all {
			ok, err := wanted(item)
			if err != nil {
				a := badQuery(err.Error())
				return nil, &a
			}
			if ok {
				found = append(found, item)
			}
		}
	}
	words := strings.Fields(parameters.Get("order"))
	if len(words) == 0 {
		return found, nil
	}
	descending := len(words) > 1 && strings.EqualFold(words[1], "DESC")
	for _, item := range found {
		if _, ok := item.field(words[0]); !ok {
			a := badQuery("no property " + strconv.Quote(words[0]))
			return nil, &a
		}
	}
	slices.SortStableFunc(found, func(x, y T) int {
		left, _ := x.field(words[0])
		right, _ := y.field(words[0])
		order, _ := compare(left, right)
		if descending {
			return -order
		}
		return order
	})
	return found, nil
}

// modifiedSince is the time of If-Modified-Since, zero without one.
func (c *call) modifiedSince() (time.Time, *answer) {
	text := c.request.Header.Get("If-Modified-Since")
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05", time.RFC3339, http.TimeFormat, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	a := badQuery("If-Modified-Since is not a date")
	return time.Time{}, &a
}

type pagination struct {
	Page      int `json:"page"`
	PageSize  int `json:"pageSize"`
	PageCount int `json:"pageCount"`
	ItemCount int `json:"itemCount"`
}

// paged cuts a page out of the records. Records are paged when a page is asked
// for or the caller forces it; otherwise the pagination is nil.
func paged[T any](c *call, all []T, force bool) ([]T, *pagination) {
	parameters := c.request.URL.Query()
	if !parameters.Has("page") && !force {
		return all, nil
	}
	page, err := strconv.Atoi(parameters.Get("page"))
	if err != nil || page < 1 {
		page = 1
	}
	size, err := strconv.Atoi(parameters.Get("pageSize"))
	if err != nil {
		size = 100
	}
	size = min(max(size, 1), 1000)
	p := &pagination{Page: page, PageSize: size, PageCount: (len(all) + size - 1) / size, ItemCount: len(all)}
	from := min((page-1)*size, len(all))
	return all[from:min(from+size, len(all))], p
}

func (p *pagination) extra() map[string]any {
	if p == nil {
		return nil
	}
	return map[string]any{"pagination": p}
}

// set reads a comma list parameter; nil when it is absent.
func (c *call) set(parameter string) []string {
	text := c.request.URL.Query().Get(parameter)
	if text == "" {
		return nil
	}
	items := strings.Split(text, ",")
	for i := range items {
		items[i] = strings.TrimSpace(items[i])
	}
	return items
}

func (c *call) flag(parameter string) bool {
	return strings.EqualFold(c.request.URL.Query().Get(parameter), "true")
}
