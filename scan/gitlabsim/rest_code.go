package gitlabsim

import (
	"fmt"
	"net/url"
	"path"
	"strconv"
)

func (c *call) commit(d draw) object {
	at := c.w.ago(400 * d.unit())
	sha := d.hex(40)
	return object{{"id", sha}, {"short_id", sha[:8]}, {"created_at", at}, {"parent_ids", list{}}, {"title", "Change things"}, {"message", "Change things\n"},
		{"author_name", "Ada"}, {"author_email", "ada@example.com"}, {"authored_date", at}, {"committer_name", "Ada"},
		{"committer_email", "ada@example.com"}, {"committed_date", at}, {"trailers", object{}}, {"extended_trailers", object{}},
		{"web_url", c.w.ExternalURL() + "/-/commit/" + sha}}
}

// code is the project of the route if the caller may read its repository.
func (c *call) code() (*Project, error) {
	p, level, err := c.theProject()
	switch {
	case err != nil:
		return nil, err
	case !readsCode(c.who, p, level):
		return nil, forbidden
	}
	return p, nil
}

func branches(c *call) (any, error) {
	p, err := c.code()
	if err != nil {
		return nil, err
	}
	return listPage(c, c.w.branchNames(*p), func(name string) any {
		isDefault := name == p.DefaultBranch
		return object{{"name", name}, {"commit", c.commit(c.w.draw(ofProject, p.index, name))}, {"merged", false}, {"protected", isDefault},
			{"developers_can_push", false}, {"developers_can_merge", false}, {"can_push", c.who.admin()}, {"default", isDefault},
			{"web_url", p.WebURL + "/-/tree/" + name}}
	})
}

func tags(c *call) (any, error) {
	p, err := c.code()
	if err != nil {
		return nil, err
	}
	return numbered(c, p.Tags, func(k int) any {
		o := object{{"name", tagName(k)}, {"message", ""}, {"target", c.w.draw(ofProject, p.index, tagName(k)).hex(40)},
			{"commit", c.commit(c.w.draw(ofProject, p.index, tagName(k)))}, {"release", nil}, {"protected", false}}
		o.when(c.since(16, 6), "created_at", nil)
		return o
	})
}

func tree(c *call) (any, error) {
	p, err := c.code()
	if err != nil {
		return nil, err
	}
	if p.Empty {
		return nil, message(404, "404 Tree Not Found")
	}
	folders, files := c.w.tree(*p, c.query.Get("path"), c.switchOn("recursive"))
	if len(folders)+len(files) == 0 {
		return nil, message(404, "404 invalid revision or path Not Found")
	}
	return listPage(c, append(folders, files...), func(e treeEntry) any {
		kind, mode := "blob", "100644"
		if e.folder {
			kind, mode = "tree", "040000"
		}
		return object{{"id", c.w.draw(ofProject, p.index, "blob-"+e.path).hex(40)}, {"name", e.name()}, {"type", kind}, {"path", e.path}, {"mode", mode}}
	})
}

// languages is GET /projects/:id/languages: names and their shares in percent.
// Whoever sees the project reads it, whatever the access to its repository.
// Source: lib/api/projects.rb.
func languages(c *call) (any, error) {
	p, _, err := c.theProject()
	if err != nil {
		return nil, err
	}
	shares := object{}
	for _, l := range c.w.Languages(*p) {
		shares.put(l.Name, l.Share)
	}
	return shares, nil
}

func rawFile(c *call) (any, error) {
	p, err := c.code()
	if err != nil {
		return nil, err
	}
	text, ok := c.w.file(*p, c.r.PathValue("path"))
	if !ok {
		return nil, fileMissing
	}
	name := path.Base(c.r.PathValue("path"))
	c.head.Set("Content-Disposition", fmt.Sprintf("inline; filename=%q; filename*=UTF-8''%s", name, url.PathEscape(name)))
	c.head.Set("X-Gitlab-File-Path", c.r.PathValue("path"))
	c.head.Set("X-Gitlab-Size", strconv.Itoa(len(text)))
	return raw{"text/plain", text}, nil
}

func accessLevel(id int64, level int) object {
	text := map[int]string{0: "No one", levelDeveloper: "Developers + Maintainers", levelMaintainer: "Maintainers"}[level]
	return object{{"id", id}, {"access_level", level}, {"access_level_description", text}, {"deploy_key_id", nil}, {"user_id", nil}, {"group_id", nil}}
}

// accessLevels lists levels; each has an id of its own.
func accessLevels(id int64, levels []ProtectionLevel) list {
	l := list{}
	for k, of := range levels {
		o := accessLevel(id*10+int64(k), of.Level)
		for i := range o {
			switch {
			case o[i].key == "user_id" && of.User != 0:
				o[i].value = of.User
			case o[i].key == "group_id" && of.Group != 0:
				o[i].value = of.Group
			}
		}
		l = append(l, o)
	}
	return l
}

func protectedBranches(c *call) (any, error) {
	p, level, err := c.theProject()
	switch {
	case err != nil:
		return nil, err
	case c.since(18, 9) && !readsCode(c.who, p, level), !c.since(18, 9) && level < levelMaintainer:
		return nil, forbidden
	}
	return listPage(c, c.w.ProtectedBranches(*p), func(b ProtectedBranch) any {
		o := object{{"id", b.ID}, {"name", b.Name}, {"push_access_levels", accessLevels(b.ID, b.Push)}, {"merge_access_levels", accessLevels(b.ID, b.Merge)},
			{"allow_force_push", b.AllowForcePush}}
		if c.w.cfg.Tier.Enterprise() {
			o.put("unprotect_access_levels", list{})
			o.put("code_owner_approval_required", b.CodeOwnerApproval)
		}
		o.when(c.since(15, 9) && c.w.cfg.Tier.Licensed(), "inherited", false)
		return o
	})
}

func protectedTags(c *call) (any, error) {
	p, level, err := c.theProject()
	if err != nil {
		return nil, err
	}
	if err := need(level, levelMaintainer); err != nil {
		return nil, err
	}
	return numbered(c, p.ProtectedTags, func(k int) any {
		return object{{"name", []string{"v*", "release-*", "hotfix-*"}[k%3]}, {"create_access_levels", list{accessLevel(part(p.index, k), levelMaintainer)}}}
	})
}

func releases(c *call) (any, error) {
	p, level, err := c.theProject()
	switch {
	case err != nil:
		return nil, err
	case !can(c.who, p, level, p.Access.Releases, levelGuest):
		return nil, forbidden
	}
	code := readsCode(c.who, p, level)
	return numbered(c, p.Releases, func(k int) any {
		at := c.w.ago(300 * c.w.draw(ofProject, p.index, "release").again(k).unit())
		o := object{{"tag_name", tagName(k)}, {"description", "Notes"}, {"name", "Release " + tagName(k)}, {"created_at", at}, {"released_at", at},
			{"upcoming_release", false}, {"author", c.w.userBasic(c.w.ordinary(c.w.draw(ofProject, p.index, "creator")))}}
		o.when(code, "commit", c.commit(c.w.draw(ofProject, p.index, tagName(k))))
		o.put("milestones", list{})
		o.when(code, "commit_path", "/"+p.FullPath+"/-/commit/0")
		o.when(code, "tag_path", "/"+p.FullPath+"/-/tags/"+tagName(k))
		o.put("assets", object{{"count", 0}, {"sources", list{}}, {"links", list{}}})
		o.put("evidences", list{})
		o.put("_links", object{{"self", p.WebURL + "/-/releases/" + tagName(k)}})
		return o
	})
}
