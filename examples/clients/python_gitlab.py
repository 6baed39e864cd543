"""Lists with python-gitlab what a scanner lists.

Prints one JSON object a line: {"resource", "key", "value"}. A list that the
instance refuses has the value {"refused": status}. Reads GITLAB_URL and
GITLAB_TOKEN.
"""

import json
import os
import sys

import gitlab

URL, TOKEN = os.environ["GITLAB_URL"], os.environ["GITLAB_TOKEN"]


def tell(resource, key, value):
    print(json.dumps({"resource": resource, "key": str(key), "value": value}))


def ask(resource, key, question):
    """Tells the answer to a question, or the status it is refused with."""
    try:
        tell(resource, key, question())
    except gitlab.exceptions.GitlabError as e:
        if e.response_code not in (403, 404):
            raise
        tell(resource, key, {"refused": e.response_code})


def every(manager, of=None, **query):
    """Walks all pages of a list; the values of one attribute, sorted."""
    items = manager.list(iterator=True, per_page=100, **query)
    if of is None:
        return sum(1 for _ in items)
    return sorted(getattr(x, of) for x in items)


def total(manager, **query):
    """How many there are by the headers alone."""
    return manager.list(iterator=True, per_page=1, **query).total


def instance(gl):
    version, _ = gl.version()
    tell("version", "", version)
    gl.auth()
    tell("own account", "", [gl.user.username, gl.user.is_admin])
    settings = gl.settings.get()
    for name in ("bulk_import_enabled", "project_export_enabled", "max_export_size"):
        tell("application settings", name, getattr(settings, name))
    statistics = gl.statistics.get()
    for name in ("projects", "groups", "users"):
        tell("application statistics", name, getattr(statistics, name))
    tell("license", "plan", gl.get_license()["plan"])
    tell("features", "", sorted(f.name for f in gl.features.list(get_all=True)))
    tell("system hooks", "", every(gl.hooks, "url"))
    tell("applications", "", every(gl.applications, "application_name"))
    tell("broadcast messages", "", every(gl.broadcastmessages, "id"))
    tell("topics", "", every(gl.topics, "name"))
    tell("instance variables", "", every(gl.variables, "key"))
    tell("deploy tokens of all", "", every(gl.deploytokens))
    tell("pages domains of all", "", every(gl.pagesdomains))
    tell("snippets of all", "", sum(1 for _ in gl.snippets.list_all(iterator=True, per_page=100)))
    for kind in ("instance_type", "group_type", "project_type"):
        tell("runners", kind, every(gl.runners_all, type=kind))
    tell("personal access tokens", "active", every(gl.personal_access_tokens, state="active"))


def users(gl):
    for u in gl.users.list(iterator=True, pagination="keyset", order_by="id", per_page=100):
        tell("users by keyset", u.id, [u.username, u.state, u.is_admin, u.external, u.bot, u.two_factor_enabled, len(u.identities)])
    for u in gl.users.list(iterator=True):
        tell("users page by page", u.id, u.username)


def groups(gl):
    for g in gl.groups.list(iterator=True, statistics=True):
        tell("groups", g.id, [g.full_path, g.visibility, g.statistics["storage_size"]])
        ask("group members", g.id, lambda: [[m.id, m.access_level] for m in g.members.list(iterator=True, per_page=100)])
        ask("group members with inherited ones", g.id, lambda: every(g.members_all, "id"))
        ask("group variables", g.id, lambda: every(g.variables, "key"))
        ask("group hooks", g.id, lambda: every(g.hooks, "url"))
        ask("group deploy tokens", g.id, lambda: every(g.deploytokens))
        ask("group badges", g.id, lambda: every(g.badges))
        ask("group boards", g.id, lambda: every(g.boards))
        ask("group milestones", g.id, lambda: every(g.milestones))
        ask("group labels", g.id, lambda: every(g.labels, include_ancestor_groups=False))
        ask("projects of a group and its subgroups", g.id, lambda: every(g.projects, "id", include_subgroups=True))
        ask("descendant groups", g.id, lambda: every(g.descendant_groups, "id"))


def projects(gl):
    for p in gl.projects.list(iterator=True):
        tell("projects page by page", p.id, p.path_with_namespace)
    tell("projects by header", "", total(gl.projects))
    for p in gl.projects.list(iterator=True, pagination="keyset", order_by="id", per_page=100, statistics=True):
        tell("projects by keyset", p.id, [p.path_with_namespace, p.visibility, p.archived, p.empty_repo, p.star_count, sorted(p.topics)])
        s = p.statistics
        tell("project statistics", p.id, [s["commit_count"], s["storage_size"], s["repository_size"], s["wiki_size"], s["lfs_objects_size"],
            s["job_artifacts_size"], s["packages_size"], s["snippets_size"], s["uploads_size"]])
        ask("branches", p.id, lambda: every(p.branches))
        ask("tags", p.id, lambda: every(p.tags))
        ask("files", p.id, lambda: sorted(f["path"] for f in p.repository_tree(recursive=True, iterator=True, per_page=100) if f["type"] == "blob"))
        ask("languages", p.id, p.languages)
        ask("hooks", p.id, lambda: every(p.hooks, "url"))
        ask("variables", p.id, lambda: sorted([v.key, v.environment_scope, v.masked, v.protected] for v in p.variables.list(iterator=True, per_page=100)))
        ask("members", p.id, lambda: [[m.id, m.access_level] for m in p.members.list(iterator=True, per_page=100)])
        ask("environments", p.id, lambda: every(p.environments))
        ask("releases", p.id, lambda: every(p.releases))
        ask("deploy keys", p.id, lambda: every(p.keys, "id"))
        ask("deploy tokens", p.id, lambda: every(p.deploytokens))
        ask("protected branches", p.id, lambda: every(p.protectedbranches, "name"))
        ask("protected tags", p.id, lambda: every(p.protectedtags))
        ask("remote mirrors", p.id, lambda: every(p.remote_mirrors, "id"))
        ask("integrations", p.id, lambda: sorted(x.slug for x in p.integrations.list(get_all=True)))
        ask("triggers", p.id, lambda: every(p.triggers))
        ask("pipeline schedules", p.id, lambda: every(p.pipelineschedules))
        ask("snippets", p.id, lambda: every(p.snippets))
        ask("wiki pages", p.id, lambda: len(p.wikis.list(get_all=True)))
        ask("pages domains", p.id, lambda: every(p.pagesdomains))
        ask("packages", p.id, lambda: every(p.packages))
        ask("registry tags", p.id, lambda: sum(r.tags_count for r in p.repositories.list(iterator=True, per_page=100, tags_count=True)))
        ask("issues", p.id, lambda: p.issues_statistics.get().statistics["counts"]["all"])
        ask("merge requests", p.id, lambda: total(p.mergerequests, state="all"))
        ask("pipelines", p.id, lambda: total(p.pipelines))
        ask("forks", p.id, lambda: every(p.forks, "id"))


QUERY = """
query($after: String) {
  projects(first: 50, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes {
      id
      fullPath
      issues(first: 1) { count }
      mergeRequests(first: 1) { count }
      pipelines(first: 1) { count }
      releases(first: 1) { count }
      packages(first: 1) { count }
      containerRepositoriesCount
      statistics { storageSize commitCount containerRegistrySize }
    }
  }
}
"""


def graphql():
    with gitlab.GraphQL(URL, token=TOKEN) as gl:
        after = None
        while True:
            page = gl.execute(QUERY, variable_values={"after": after})["projects"]
            for p in page["nodes"]:
                tell("projects over GraphQL", p["id"].rpartition("/")[2], [p["fullPath"]] + [p[k]["count"] for k in
                    ("issues", "mergeRequests", "pipelines", "releases", "packages")] + [p["containerRepositoriesCount"],
                    p["statistics"]["storageSize"], p["statistics"]["commitCount"], p["statistics"]["containerRegistrySize"]])
            if not page["pageInfo"]["hasNextPage"]:
                return
            after = page["pageInfo"]["endCursor"]


def main():
    gl = gitlab.Gitlab(URL, private_token=TOKEN, keep_base_url=True, retry_transient_errors=True)
    instance(gl)
    users(gl)
    groups(gl)
    projects(gl)
    graphql()


if __name__ == "__main__":
    sys.exit(main())
