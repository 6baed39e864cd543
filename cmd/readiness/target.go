package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"readiness/checks"
	"readiness/checks/matrix"
	"readiness/scan"
)

// targetFlags are the flags that say what a snapshot is judged for.
type targetFlags struct {
	destination, version, tier string
	methods                    []string
	matrixFile                 string
}

func (f *targetFlags) register(flags *pflag.FlagSet) {
	d := checks.DefaultTarget()
	flags.StringVar(&f.destination, "destination", "gitlab.com", "where the migration goes: gitlab.com, dedicated or self-managed")
	flags.StringVar(&f.version, "destination-version", "", "GitLab version of the destination, e.g. 19.5 (default "+d.Version.Short()+")")
	flags.StringVar(&f.tier, "destination-tier", string(d.Tier), "tier of the destination: free, premium or ultimate")
	flags.StringSliceVar(&f.methods, "method", nil, "method in play, repeatable: "+methodNames()+" (default all)")
	flags.StringVar(&f.matrixFile, "matrix", "", "YAML `file` that adds to the matrix of methods or overrides it")
}

func methodNames() string {
	var names []string
	for _, m := range matrix.Methods() {
		names = append(names, hyphenated(m))
	}
	return strings.Join(names, ", ")
}

// target reads the flags; every error is the caller's to mend.
func (f *targetFlags) target() (checks.Target, error) {
	t := checks.DefaultTarget()
	var err error
	if t.Destination, err = checks.ParseDestination(f.destination); err != nil {
		return t, usagef("--destination: %w", err)
	}
	if f.version != "" {
		if t.Version, err = scan.ParseVersion(f.version); err != nil {
			return t, usagef("--destination-version: %w", err)
		}
	}
	if t.Tier, err = checks.ParseTier(f.tier); err != nil {
		return t, usagef("--destination-tier: %w", err)
	}
	if len(f.methods) > 0 {
		chosen := map[matrix.Method]bool{}
		for _, name := range f.methods {
			m, err := matrix.ParseMethod(name)
			if err != nil {
				return t, usagef("--method: %w", err)
			}
			chosen[m] = true
		}
		t.Methods = nil
		for _, m := range matrix.Methods() {
			if chosen[m] {
				t.Methods = append(t.Methods, m)
			}
		}
	}
	return t, nil
}

// knowledge loads the matrix with what --matrix adds to it.
func knowledge(file string) (*matrix.Matrix, error) {
	m, err := matrix.Load()
	if err != nil {
		return nil, fmt.Errorf("load the embedded matrix: %w", err)
	}
	if file == "" {
		return m, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, usagef("--matrix: %w", err)
	}
	if m, err = m.Override(file, data); err != nil {
		return nil, usagef("--matrix: %w", err)
	}
	return m, nil
}
