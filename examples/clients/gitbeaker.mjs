// Lists with @gitbeaker/rest what a scanner lists.
//
// Prints one JSON object a line: {resource, key, value}. A list that the
// instance refuses has the value {refused: status}. Reads GITLAB_URL,
// GITLAB_TOKEN and CLIENT_FOLDER, the folder the package is installed in.

import { createRequire } from 'node:module';

const require = createRequire(process.env.CLIENT_FOLDER + '/');
const { Gitlab, GitbeakerRequestError } = require('@gitbeaker/rest');

// The client keeps to gitlab.com's rate limits by itself; this instance has none.
const api = new Gitlab({ host: process.env.GITLAB_URL, token: process.env.GITLAB_TOKEN, rateLimits: { '**': 1000000 } });

const tell = (resource, key, value) => console.log(JSON.stringify({ resource, key: String(key), value }));

async function ask(resource, key, question) {
  try {
    tell(resource, key, await question());
  } catch (e) {
    const status = e instanceof GitbeakerRequestError ? e.cause?.response?.status : undefined;
    if (status !== 403 && status !== 404) throw e;
    tell(resource, key, { refused: status });
  }
}

const sorted = (items) => items.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
const all = { perPage: 100 };
const count = async (list) => (await list).length;
const pick = async (list, name) => sorted((await list).map((x) => x[name]));
const members = async (list) => (await list).map((m) => [m.id, m.access_level]);

// how many there are by the headers of a page alone
const total = async (list) => (await list).paginationInfo.total;

const version = await api.Metadata.show();
tell('version', '', version.version);
const settings = await api.ApplicationSettings.show();
for (const name of ['bulk_import_enabled', 'project_export_enabled', 'max_export_size']) tell('application settings', name, settings[name]);
tell('system hooks', '', await pick(api.SystemHooks.all(all), 'url'));
tell('applications', '', await pick(api.Applications.all(all), 'application_name'));
tell('broadcast messages', '', await pick(api.BroadcastMessages.all(all), 'id'));
tell('instance variables', '', await pick(api.InstanceLevelCICDVariables.all(all), 'key'));

for (const u of await api.Users.all({ pagination: 'keyset', orderBy: 'id', ...all }))
  tell('users by keyset', u.id, [u.username, u.state, u.is_admin, u.external, u.bot, u.two_factor_enabled, u.identities.length]);
for (const u of await api.Users.all()) tell('users page by page', u.id, u.username);

for (const g of await api.Groups.all({ statistics: true, ...all })) {
  tell('groups', g.id, [g.full_path, g.visibility, g.statistics.storage_size]);
  await ask('group members', g.id, () => members(api.GroupMembers.all(g.id, all)));
  await ask('group members with inherited ones', g.id, () => pick(api.GroupMembers.all(g.id, { includeInherited: true, ...all }), 'id'));
  await ask('group variables', g.id, () => pick(api.GroupVariables.all(g.id, all), 'key'));
  await ask('group hooks', g.id, () => pick(api.GroupHooks.all(g.id, all), 'url'));
  await ask('group badges', g.id, () => count(api.GroupBadges.all(g.id, all)));
  await ask('group milestones', g.id, () => count(api.GroupMilestones.all(g.id, all)));
  await ask('projects of a group and its subgroups', g.id, () => pick(api.Groups.allProjects(g.id, { includeSubgroups: true, ...all }), 'id'));
  await ask('descendant groups', g.id, () => pick(api.Groups.allDescendantGroups(g.id, all), 'id'));
}

for (const p of await api.Projects.all()) tell('projects page by page', p.id, p.path_with_namespace);
for (const p of await api.Projects.all({ pagination: 'keyset', orderBy: 'id', statistics: true, ...all })) {
  tell('projects by keyset', p.id, [p.path_with_namespace, p.visibility, p.archived, p.empty_repo, p.star_count, sorted(p.topics)]);
  const s = p.statistics;
  tell('project statistics', p.id, [s.commit_count, s.storage_size, s.repository_size, s.wiki_size, s.lfs_objects_size,
    s.job_artifacts_size, s.packages_size, s.snippets_size, s.uploads_size]);
  await ask('branches', p.id, () => count(api.Branches.all(p.id, all)));
  await ask('tags', p.id, () => count(api.Tags.all(p.id, all)));
  await ask('files', p.id, async () => sorted((await api.Repositories.allRepositoryTrees(p.id, { recursive: true, ...all })).filter((f) => f.type === 'blob').map((f) => f.path)));
  await ask('languages', p.id, () => api.Projects.showLanguages(p.id));
  await ask('hooks', p.id, () => pick(api.ProjectHooks.all(p.id, all), 'url'));
  await ask('variables', p.id, async () => (await api.ProjectVariables.all(p.id, all)).map((v) => [v.key, v.environment_scope, v.masked, v.protected]));
  await ask('members', p.id, () => members(api.ProjectMembers.all(p.id, all)));
  await ask('environments', p.id, () => count(api.Environments.all(p.id, all)));
  await ask('releases', p.id, () => count(api.ProjectReleases.all(p.id, all)));
  await ask('deploy keys', p.id, () => pick(api.DeployKeys.all({ projectId: p.id, ...all }), 'id'));
  await ask('deploy tokens', p.id, () => count(api.DeployTokens.all({ projectId: p.id, ...all })));
  await ask('protected branches', p.id, () => pick(api.ProtectedBranches.all(p.id, all), 'name'));
  await ask('protected tags', p.id, () => count(api.ProtectedTags.all(p.id, all)));
  await ask('remote mirrors', p.id, () => pick(api.ProjectRemoteMirrors.all(p.id, all), 'id'));
  await ask('integrations', p.id, () => pick(api.Integrations.all(p.id), 'slug'));
  await ask('triggers', p.id, () => count(api.PipelineTriggerTokens.all(p.id, all)));
  await ask('pipeline schedules', p.id, () => count(api.PipelineSchedules.all(p.id, all)));
  await ask('packages', p.id, () => count(api.Packages.all({ projectId: p.id, ...all })));
  await ask('registry tags', p.id, async () => (await api.ContainerRegistry.allRepositories({ projectId: p.id, tagsCount: true, ...all })).reduce((n, r) => n + r.tags_count, 0));
  await ask('merge requests', p.id, () => total(api.MergeRequests.all({ projectId: p.id, state: 'all', perPage: 1, maxPages: 1, page: 1, showExpanded: true })));
  await ask('pipelines', p.id, () => total(api.Pipelines.all(p.id, { perPage: 1, maxPages: 1, page: 1, showExpanded: true })));
}
