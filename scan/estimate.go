package scan

import "time"

// Size is how much an instance holds of what decides the length of a scan.
type Size struct {
	Projects, Groups, Users int64
}

// Reading is what else decides how a scan asks.
type Reading struct {
	// Administrator: others ask for their role in the groups first and, at depth
	// Deep, every project for what instance-wide lists would have told.
	Administrator bool
	// GraphQL: without it the wide pages are not asked, and REST is asked for each
	// project instead.
	GraphQL bool
	// Secrets: lists whose answers carry secrets may be asked, where GraphQL does
	// not tell.
	Secrets bool
}

// Estimate is how many requests a scan is expected to make.
type Estimate struct {
	REST, GraphQL int64
}

// What a scan asks, in requests, as scan/gitlab asks it of GitLab 18; older
// versions are asked less in GraphQL and more in REST. A test there holds the sum
// to real scans of the simulated instance.
const (
	listingPage = 100 // subjects a page of a listing

	openREST       = 3  // user, newest project, metadata
	instanceREST   = 4  // settings, licence, statistics, the token itself
	instanceGraph  = 1  // whether GraphQL answers
	instanceLists  = 18 // what exists once per instance, and the lists joined to projects: their first pages
	instanceWide   = 2  // instance CI/CD variables and runners
	deepPerProject = 18 // branches, tags, members, deploy tokens, protected tags, hooks, push mirrors, approval rules and settings, status checks, protected environments, flags, secure files, freezes, badges, invitations, access requests, audit events
	deepGraph      = 1  // environments, machine learning, the secrets manager
	deepPerGroup   = 18 // members, milestones, boards, badges, tokens, hooks, wiki, uploads, invitations, protections, rules, settings, the group itself
	joinsPerOther  = 3  // deploy keys, Pages domains and snippets of a project, for who may not read the instance's lists

	// Without GraphQL each project is asked for the lengths of seven lists, its
	// packages, protected branches, the root folder and some two files there.
	restPerProject = 12
	// Lists that carry secrets, where they may be asked: CI/CD variables and pipeline
	// triggers of a project, CI/CD variables of a group and of the instance.
	secretPerProject = 2
	secretPerGroup   = 1
	secretInstance   = 1

	// Wide queries. A page of 100 projects: one of counts, one of package types,
	// one of CI files at the default path and one of those elsewhere, one of other
	// files, one of further counts, two of variables and five of branch rules, the last two by the project.
	wideFixed        = 6
	projectsVariable = 50
	projectsBranches = 20
	// A page of 100 groups: numbers, lists and variables, each for all of them.
	groupsWide = 3
	// Of one group alone: what GraphQL tells of one a request.
	groupsOnce = 1

	// A page of 100 accounts: their addresses and status. Of each account its keys
	// and tokens; active ones are asked, and nine in ten are taken to be.
	usersWide      = 1
	deepPerTenUser = 27

	// joinedPerProject is how many entries a project has in the instance-wide lists
	// (snippets, runners, deploy keys, Pages domains) together. It is an
	// assumption, and a small part of the whole.
	joinedPerProject = 1
)

// Estimate is how many requests a scan of this depth makes of an instance of
// this size. It is an expectation: retries, the second pages of long lists and
// projects that come and go are not in it.
func (d Depth) Estimate(size Size, how Reading) Estimate {
	e := Estimate{REST: openREST + instanceREST, GraphQL: instanceGraph}
	e.REST += listPages(size.Projects) + listPages(size.Groups) + listPages(size.Users)
	if !how.Administrator {
		e.REST += 2 // who has which role in the groups: two lists of those with one
	}
	if d >= Standard {
		e.REST += instanceLists
		if how.Administrator {
			e.REST += size.Projects * joinedPerProject / listingPage
		}
		if !how.GraphQL {
			e.REST += size.Projects * restPerProject
			if how.Secrets {
				e.REST += secretInstance + size.Projects*secretPerProject + size.Groups*secretPerGroup
			}
		} else {
			e.GraphQL += instanceWide
			eachPage(size.Projects, func(n int64) {
				e.GraphQL += wideFixed + parts(n, projectsVariable) + parts(n, projectsBranches)
			})
			eachPage(size.Groups, func(int64) { e.GraphQL += groupsWide })
			eachPage(size.Users, func(int64) { e.GraphQL += usersWide })
		}
	}
	if d >= Deep {
		e.REST += size.Projects*deepPerProject + size.Groups*deepPerGroup
		e.REST += size.Users * deepPerTenUser / 10
		if how.GraphQL {
			e.GraphQL += size.Groups*groupsOnce + size.Projects*deepGraph
		}
		if !how.Administrator {
			e.REST += size.Projects * joinsPerOther
		}
	}
	return e
}

// Total is the number of requests of both kinds.
func (e Estimate) Total() int64 { return e.REST + e.GraphQL }

// Takes is how long so many requests take if an answer takes latency, a wide
// GraphQL page as long as wide, so many are under way at the same time, and no
// more than perMinute are let through; 0: no limit is known.
func (e Estimate) Takes(latency, wide time.Duration, workers, perMinute int64) time.Duration {
	d := (time.Duration(e.REST)*latency + time.Duration(e.GraphQL)*max(latency, wide)) / time.Duration(max(workers, 1))
	if perMinute > 0 {
		d = max(d, time.Duration(float64(e.Total())/float64(perMinute)*float64(time.Minute)))
	}
	return d
}

func parts(n, size int64) int64 { return (n + size - 1) / size }

// listPages is the number of pages of a list, of which an empty one has one, too.
func listPages(n int64) int64 { return max(parts(n, listingPage), 1) }

func eachPage(n int64, page func(int64)) {
	for ; n > 0; n -= listingPage {
		page(min(n, listingPage))
	}
}
