package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/syncrun"
)

type previewCommand struct {
	Tenant  string  `required:"" help:"The tenant's id."`
	Binding string  `required:"" help:"The binding's id."`
	Entity  string  `required:"" enum:"invoice,creditmemo,customer,product" help:"The kind of document: ${enum}."`
	ID      []int64 `required:"" name:"id" help:"Magento's entity id; may be given up to 50 times."`
	JSON    bool    `name:"json" help:"Print JSON."`
}

// previewRow is a preview as it is printed.
type previewRow struct {
	EntityType  string           `json:"entity_type"`
	MagentoID   int64            `json:"magento_id"`
	IncrementID string           `json:"increment_id,omitempty"`
	Outcome     string           `json:"outcome"`
	SkipReason  string           `json:"skip_reason,omitempty"`
	ErrorCode   string           `json:"error_code,omitempty"`
	Message     string           `json:"message,omitempty"`
	Advice      string           `json:"advice,omitempty"`
	Steps       []string         `json:"steps"`
	Requests    []previewRequest `json:"requests"`
	Trace       []syncrun.Step   `json:"trace"`
	Settings    int              `json:"settings_version"`
}

type previewRequest struct {
	Method string          `json:"method"`
	Path   string          `json:"path"`
	Body   json.RawMessage `json:"body"`
}

func previewRowOf(p app.Preview) previewRow {
	row := previewRow{
		EntityType: string(p.EntityType), MagentoID: p.MagentoID, IncrementID: p.IncrementID, Outcome: string(p.Outcome),
		SkipReason: string(p.SkipReason), Steps: p.Steps, Trace: p.Trace, Settings: p.SettingsVersion, Requests: make([]previewRequest, len(p.Requests)),
	}
	if p.Fault != nil {
		row.ErrorCode, row.Message, row.Advice = string(p.Fault.Code), p.Fault.Message, p.Fault.Code.Advice()
	}
	for i, r := range p.Requests {
		row.Requests[i] = previewRequest{Method: r.Method, Path: r.Path, Body: r.Body}
	}
	return row
}

// text is the preview for a person to read.
func (r previewRow) text() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s %d %s: %s\n", r.EntityType, r.MagentoID, r.IncrementID, r.Outcome)
	for _, step := range r.Steps {
		fmt.Fprintf(&out, "  %s\n", step)
	}
	if r.Advice != "" {
		fmt.Fprintf(&out, "  %s: %s\n", r.ErrorCode, r.Advice)
	}
	for _, request := range r.Requests {
		fmt.Fprintf(&out, "  %s %s\n    %s\n", request.Method, request.Path, request.Body)
	}
	return out.String()
}

// Run says what would become of documents now.
func (c previewCommand) Run(ctx context.Context, cfg *Config, s streams) error {
	return withTenant(ctx, cfg, s, c.Tenant, func(l *ledger, p access.Principal) error {
		previews, err := l.app.PreviewDocuments(ctx, p, app.PreviewDocuments{BindingID: c.Binding, EntityType: commerce.EntityType(c.Entity), MagentoIDs: c.ID})
		if err != nil {
			return err
		}
		rows := make([]previewRow, len(previews))
		for i, preview := range previews {
			rows[i] = previewRowOf(preview)
		}
		if c.JSON {
			return printJSON(s.out, rows)
		}
		for _, row := range rows {
			if _, err := fmt.Fprint(s.out, row.text()); err != nil {
				return fmt.Errorf("printing: %w", err)
			}
		}
		return nil
	})
}
