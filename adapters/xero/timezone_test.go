package xero

import (
	"testing"
	"time"
)

func TestZonesExist(t *testing.T) {
	t.Parallel()
	for _, table := range []map[string]string{zones, countryZones} {
		for key, name := range table {
			if _, err := time.LoadLocation(name); err != nil {
				t.Errorf("%s: %v", key, err)
			}
		}
	}
}

// TestZonesKeepTheOffset compares zones whose names carry their offset.
func TestZonesKeepTheOffset(t *testing.T) {
	t.Parallel()
	winter := time.Date(2026, time.January, 15, 12, 0, 0, 0, time.UTC)
	for zone, want := range map[string]time.Duration{
		"UTC": 0, "UTC02": -2 * time.Hour, "UTC08": -8 * time.Hour, "UTC09": -9 * time.Hour, "UTC11": -11 * time.Hour,
		"UTC+12": 12 * time.Hour, "UTC+13": 13 * time.Hour, "DATELINESTANDARDTIME": -12 * time.Hour,
		"GMTSTANDARDTIME": 0, "NEPALSTANDARDTIME": 5*time.Hour + 45*time.Minute, "EASTERNSTANDARDTIME": -5 * time.Hour,
	} {
		location, err := time.LoadLocation(zoneName(zone, ""))
		if err != nil {
			t.Fatal(err)
		}
		if _, got := winter.In(location).Zone(); time.Duration(got)*time.Second != want {
			t.Errorf("%s is %d s from UTC, want %s", zone, got, want)
		}
	}
}
