package magento

import "fmt"

// Module is one of the Byte8 accounting modules a shop can have.
type Module string

// The modules.
const (
	ModuleXero      Module = "xero_accounting"
	ModuleFreeAgent Module = "freeagent_accounting"
	ModuleSage      Module = "sage_accounting"
)

// modules lists every module in the order its observers run.
var modules = [...]Module{ModuleXero, ModuleFreeAgent, ModuleSage}

// Provider is the key the module's provider has on the wire.
func (m Module) Provider() string {
	switch m {
	case ModuleXero:
		return "xero"
	case ModuleFreeAgent:
		return "freeagent"
	default:
		return string(m)
	}
}

// PairPath is the module's pairing route below /rest/V1.
func (m Module) PairPath() string {
	if m == ModuleSage {
		return "/byte8/setup/pair"
	}
	return "/byte8/" + string(m) + "/setup/pair"
}

func (m Module) check() error {
	for _, known := range modules {
		if m == known {
			return nil
		}
	}
	return fmt.Errorf("module %q is not installed", string(m))
}
