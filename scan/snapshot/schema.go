package snapshot

const (
	applicationID = 0x52644C62 // "RdLb"
	schemaVersion = 1
)

// The page size is twice SQLite's default because a row of table row, which
// lies whole in the tree of a table WITHOUT ROWID, must not exceed a quarter of
// a page to need no overflow page (https://sqlite.org/fileformat2.html#b_tree_pages).
const schemaSQL = `
CREATE TABLE run (
	run_id   INTEGER PRIMARY KEY,
	url      TEXT NOT NULL,
	groups   TEXT NOT NULL,
	depth    TEXT NOT NULL,
	tool     TEXT NOT NULL,
	started  TEXT NOT NULL,
	finished TEXT,
	hash     TEXT,
	requests TEXT
);
CREATE TABLE field (
	run_id   INTEGER NOT NULL,
	level    TEXT NOT NULL,
	part     TEXT NOT NULL,
	position INTEGER NOT NULL,
	fact     TEXT NOT NULL,
	PRIMARY KEY (run_id, level, part, position)
) WITHOUT ROWID;
CREATE TABLE gap (
	run_id   INTEGER NOT NULL,
	number   INTEGER NOT NULL,
	reason   TEXT NOT NULL,
	status   INTEGER NOT NULL,
	endpoint TEXT NOT NULL,
	cure     TEXT NOT NULL,
	PRIMARY KEY (run_id, number)
) WITHOUT ROWID;
CREATE TABLE walk (
	run_id INTEGER NOT NULL,
	level  TEXT NOT NULL,
	cursor TEXT NOT NULL,
	listed INTEGER NOT NULL,
	done   INTEGER NOT NULL,
	gap    INTEGER,
	PRIMARY KEY (run_id, level)
) WITHOUT ROWID;
CREATE TABLE row (
	run_id   INTEGER NOT NULL,
	level    TEXT NOT NULL,
	id       INTEGER NOT NULL,
	part     TEXT NOT NULL,
	identity TEXT,
	facts    TEXT NOT NULL,
	extra    TEXT,
	PRIMARY KEY (run_id, level, id, part)
) WITHOUT ROWID;
CREATE VIEW fact AS
WITH told AS (
	SELECT r.run_id, r.level, r.id, r.part, f.fact, r.facts -> ('$[' || f.position || ']') AS told
	FROM field f JOIN row r ON r.run_id = f.run_id AND r.level = f.level AND r.part = f.part
	UNION ALL
	SELECT r.run_id, r.level, r.id, r.part, e.key, r.extra -> ('$."' || e.key || '"')
	FROM row r, json_each(r.extra) e WHERE r.extra IS NOT NULL
)
SELECT t.run_id, t.level, t.id, coalesce(
		l.identity ->> '$.path', l.identity ->> '$.username', l.identity ->> '$.url') AS address,
	t.part, t.fact,
	CASE json_type(t.told)
		WHEN 'object' THEN t.told -> '$.value'
		WHEN 'array' THEN t.told
		WHEN 'true' THEN 1
		WHEN 'false' THEN 0
		ELSE t.told ->> '$' END AS value,
	g.reason, g.status, g.endpoint, g.cure
FROM told t
JOIN row l ON l.run_id = t.run_id AND l.level = t.level AND l.id = t.id AND l.part = 'listing'
LEFT JOIN gap g ON g.run_id = t.run_id AND json_type(t.told) = 'object' AND g.number = t.told ->> '$.gap'
WHERE json_type(t.told) <> 'null';
` + dependencySQL
