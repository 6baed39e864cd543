package checks

import (
	"slices"

	"readiness/checks/matrix"
)

// imports are the methods that move groups and projects one by one, rather than
// an instance as a whole.
var imports = []matrix.Method{matrix.DirectTransfer, matrix.FileExport, matrix.Congregate, matrix.OfflineTransfer}

// All lists every check, by area. A check that is not in this list does not run.
//
// Congregate is judged over file export, its default: a check on direct
// transfer alone does not name it, though Congregate can drive that too.
func All() []Check {
	return slices.Concat(versionChecks, instanceChecks, sizeChecks, groupChecks, registryChecks, ciChecks,
		userChecks, projectChecks, securityChecks, integrationChecks, networkChecks, scopeChecks,
		contentChecks, volumeChecks, accountChecks, serverChecks,
		namingChecks, defectChecks, waveChecks, featureChecks, quotaChecks, targetChecks,
		referenceChecks, pipelineChecks, variableChecks)
}
