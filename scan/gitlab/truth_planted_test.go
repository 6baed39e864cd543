package gitlab

import (
	"testing"

	"readiness/scan/gitlabsim"
)

// What is planted in a sound world is served as it is told: judging the truth of
// such a world is judging a scan of it.
func TestPlantedWorldsAreRead(t *testing.T) {
	if testing.Short() {
		t.Skip("a hundred scans like those of the other worlds")
	}
	for _, rule := range append(gitlabsim.Plants(), "") {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			cfg := gitlabsim.Config{Sound: true, Plant: rule}
			if world, err := gitlabsim.New(cfg); err != nil || world.Projects() > 50 {
				t.Skip(err, "a large world is no other than a small one")
			}
			world, _, w, _ := simulate(t, cfg, gitlabsim.Admin)
			compareAll(t, world, w.subjects()).report(t)
		})
	}
}
