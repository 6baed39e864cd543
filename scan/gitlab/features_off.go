package gitlab

import "readiness/scan"

// furtherLevels are the access levels of features that have no fact of their own.
type furtherLevels struct {
	Analytics    field[string] `json:"analytics_access_level"`
	Forking      field[string] `json:"forking_access_level"`
	Releases     field[string] `json:"releases_access_level"`
	Environments field[string] `json:"environments_access_level"`
	FeatureFlags field[string] `json:"feature_flags_access_level"`
	Infra        field[string] `json:"infrastructure_access_level"`
	Monitor      field[string] `json:"monitor_access_level"`
	Operations   field[string] `json:"operations_access_level"` // the four before it, in one, until 15.4
	Experiments  field[string] `json:"model_experiments_access_level"`
	Models       field[string] `json:"model_registry_access_level"`
	Packages     field[string] `json:"package_registry_access_level"`
	Requirements field[string] `json:"requirements_access_level"`
	Security     field[string] `json:"security_and_compliance_access_level"`
}

// keep sets which of the features are switched off, if the body names any.
func (l furtherLevels) keep(fact *scan.Fact[[]string]) {
	names, told := []string{}, false
	for _, f := range []struct {
		name  string
		level field[string]
	}{
		{"analytics", l.Analytics}, {"environments", l.Environments.or(l.Operations)}, {"feature_flags", l.FeatureFlags.or(l.Operations)},
		{"forking", l.Forking}, {"infrastructure", l.Infra.or(l.Operations)}, {"model_experiments", l.Experiments}, {"model_registry", l.Models},
		{"monitor", l.Monitor.or(l.Operations)}, {"package_registry", l.Packages}, {"releases", l.Releases}, {"requirements", l.Requirements},
		{"security_and_compliance", l.Security},
	} {
		told = told || f.level.ok()
		if f.level.ok() && f.level.value == featureDisabled {
			names = append(names, f.name)
		}
	}
	if told {
		*fact = scan.Known(names)
	}
}
