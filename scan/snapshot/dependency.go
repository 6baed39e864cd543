package snapshot

import (
	"context"
	"database/sql"
	"strings"
)

// renewView gives a file that an earlier version made this version's view of
// dependencies.
func renewView(ctx context.Context, db *sql.DB) error {
	var has sql.NullString
	if err := db.QueryRowContext(ctx, "SELECT max(sql) FROM sqlite_master WHERE type = 'view' AND name = 'dependency'").Scan(&has); err != nil {
		return err
	}
	if has.String == strings.Trim(dependencySQL, "\n;") { // as SQLite keeps it
		return nil
	}
	_, err := db.ExecContext(ctx, "BEGIN IMMEDIATE; DROP VIEW IF EXISTS dependency; "+dependencySQL+" COMMIT")
	return err
}

// dependencySQL is a view of what projects need of one another, as
// scan.Dependencies draws it from the facts. inside says whether the other project,
// or the group that target_level says it is, is one that the run listed; an image lies
// in the project whose path is its own or one or two parts shorter. Of the escapes in
// an address of packages none but the slash is one that a path needs.
const dependencySQL = `
CREATE VIEW dependency AS
WITH RECURSIVE mention AS (
	SELECT f.run_id, f.id, f.address, m.value ->> '$.kind' AS kind, m.value ->> '$.value' AS said, m.value ->> '$.file' AS file,
		m.value ->> '$.line' AS line, coalesce(m.value ->> '$.open', 0) AS open,
		substr(m.value ->> '$.value', instr(m.value ->> '$.value', '/') + 1) AS path
	FROM fact f, json_each(f.value) m
	WHERE f.level = 'project' AND f.fact = 'project.ci-mentions' AND m.value ->> '$.own'
), named AS (
	SELECT run_id, id, address, file, line, 0 AS target_id, CASE kind
		WHEN 'include-project' THEN 'include' WHEN 'include-remote' THEN 'include' WHEN 'include-component' THEN 'component'
		WHEN 'needs-project' THEN 'artifacts' WHEN 'config-elsewhere' THEN 'config' WHEN 'service' THEN 'image' ELSE kind END AS kind,
	CASE
		WHEN kind IN ('include-project', 'trigger', 'needs-project', 'job-token') THEN said
		WHEN kind = 'config-elsewhere' AND instr(said, '@') THEN substr(said, instr(said, '@') + 1)
		WHEN kind IN ('include-remote', 'config-elsewhere') THEN CASE
			WHEN instr(path, '/-/') THEN substr(path, 1, instr(path, '/-/') - 1)
			WHEN instr(path, '/raw/') THEN substr(path, 1, instr(path, '/raw/') - 1)
			WHEN instr(path, '/blob/') THEN substr(path, 1, instr(path, '/blob/') - 1) END
		WHEN kind = 'include-component' THEN (SELECT rtrim(rtrim(name, replace(name, '/', '')), '/')
			FROM (SELECT substr(path, 1, instr(path || '@', '@') - 1) AS name))
		WHEN kind IN ('image', 'service') AND (NOT open OR said LIKE '$CI_REGISTRY/%' OR said LIKE '${CI_REGISTRY}/%')
			THEN (SELECT substr(name, 1, instr(name || ':', ':') - 1) FROM (SELECT substr(path, 1, instr(path || '@', '@') - 1) AS name))
		END AS target
	FROM mention
	WHERE kind IN ('include-project', 'trigger', 'needs-project', 'job-token', 'config-elsewhere', 'include-remote', 'include-component', 'image', 'service')
), submodule AS (
	SELECT f.run_id, f.id, f.address, m.value ->> '$.target' AS target, m.value ->> '$.relative' AS relative,
		lower(substr(m.value ->> '$.host', 1, instr(m.value ->> '$.host' || ':', ':') - 1)) AS host
	FROM fact f, json_each(f.value) m WHERE f.level = 'project' AND f.fact = 'project.submodules'
), beside AS ( -- ../ by ../
	SELECT run_id, id, address, address AS base, target FROM submodule WHERE relative
	UNION ALL
	SELECT run_id, id, address, rtrim(rtrim(base, replace(base, '/', '')), '/'), substr(target, 4) FROM beside WHERE target LIKE '../%' AND base <> ''
), host AS (
	SELECT run_id, lower(substr(rest, 1, instr(rest || ':', ':') - 1)) AS host FROM (
		SELECT run_id, substr(rest, 1, instr(rest || '/', '/') - 1) AS rest FROM (SELECT run_id, substr(url, instr(url, '://') + 3) AS rest FROM run))
	UNION SELECT run_id, lower(substr(value, 1, instr(value || ':', ':') - 1)) FROM fact WHERE level = 'instance' AND fact = 'instance.own-host'
), package AS (
	SELECT run_id, id, address, file, line, replace(replace(substr(rest, 1, instr(rest || '/', '/') - 1), '%2F', '/'), '%2f', '/') AS whose FROM (
		SELECT f.run_id, f.id, f.address, m.value ->> '$.file' AS file, m.value ->> '$.line' AS line, substr(m.value ->> '$.value', 10) AS rest
		FROM fact f, json_each(f.value) m
		WHERE f.level = 'project' AND f.fact = 'project.package-addresses' AND m.value ->> '$.kind' = 'endpoint' AND m.value ->> '$.value' LIKE 'projects/%')
), need AS (
	SELECT run_id, id, address, kind, target, CASE WHEN kind = 'job-token' AND target NOT GLOB '*[^0-9]*' THEN CAST(target AS INTEGER) ELSE 0 END AS target_id, file, line, 'project' AS target_level
	FROM named WHERE target <> '' AND instr(target, '$') = 0 AND lower(target) <> lower(address)
	UNION ALL
	SELECT s.run_id, id, address, 'submodule', target, 0, '.gitmodules', 0, 'project'
	FROM submodule s JOIN host h ON h.run_id = s.run_id AND h.host = s.host WHERE NOT relative AND lower(target) <> lower(address)
	UNION ALL
	SELECT run_id, id, address, 'submodule', trim(base || '/' || target, '/'), 0, '.gitmodules', 0, 'project'
	FROM beside WHERE target NOT LIKE '../%' AND target NOT IN ('', '..', '.') AND lower(trim(base || '/' || target, '/')) <> lower(address)
	UNION ALL
	SELECT run_id, id, address, 'packages', '', CAST(whose AS INTEGER), file, line, 'project'
	FROM package WHERE whose NOT GLOB '*[^0-9]*' AND CAST(whose AS INTEGER) NOT IN (0, id)
	UNION ALL
	SELECT run_id, id, address, 'packages', whose, 0, file, line, 'project'
	FROM package WHERE instr(whose, '/') AND instr(whose, '%') = 0 AND instr(whose, '$') = 0 AND lower(whose) <> lower(address)
	UNION ALL
	SELECT f.run_id, f.id, f.address, 'allowlist', m.value ->> '$.path', 0, '', 0, CASE WHEN m.value ->> '$.group' THEN 'group' ELSE 'project' END
	FROM fact f, json_each(f.value) m
	WHERE f.level = 'project' AND f.fact = 'project.job-token-allowed' AND coalesce((SELECT n.value FROM fact n
		WHERE n.run_id = f.run_id AND n.level = 'project' AND n.id = f.id AND n.fact = 'project.job-token-allowlist'), 1) > 0
	UNION ALL
	SELECT run_id, id, address, 'fork', '', value, '', 0, 'project' FROM fact WHERE level = 'project' AND fact = 'project.fork-relationship' AND value <> 0
), known AS (
	SELECT run_id, level, id, identity ->> '$.path' AS path, lower(identity ->> '$.path') AS lower_path
	FROM row WHERE level IN ('project', 'group') AND part = 'listing'
), shortened AS (
	SELECT *, lower(target) AS t0,
		CASE WHEN kind = 'image' THEN lower(rtrim(rtrim(target, replace(target, '/', '')), '/')) END AS t1,
		CASE WHEN kind = 'image' THEN (SELECT lower(rtrim(rtrim(up, replace(up, '/', '')), '/')) FROM (SELECT rtrim(rtrim(target, replace(target, '/', '')), '/') AS up)) END AS t2
	FROM need
)
SELECT s.run_id, s.id AS project_id, s.address AS project, s.kind, coalesce(i.path, a.path, b.path, c.path, s.target) AS target,
	nullif(s.target_id, 0) AS target_id, s.file, s.line, coalesce(i.id, a.id, b.id, c.id) IS NOT NULL AS inside, s.target_level
FROM shortened s
LEFT JOIN known i ON i.run_id = s.run_id AND i.level = 'project' AND i.id = s.target_id
LEFT JOIN known a ON a.run_id = s.run_id AND a.level = s.target_level AND a.lower_path = s.t0
LEFT JOIN known b ON b.run_id = s.run_id AND b.level = 'project' AND b.lower_path = s.t1
LEFT JOIN known c ON c.run_id = s.run_id AND c.level = 'project' AND c.lower_path = s.t2;
`
