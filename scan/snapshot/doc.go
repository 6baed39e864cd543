// Package snapshot keeps a scan on disk: one SQLite file that grows while the
// scan runs, survives its death, and is the same scan when it is opened again
// elsewhere.
//
// Begin starts or resumes a scan in a file and gives its scan.Store; Open reads
// a file as a scan.Inventory. The file belongs to its owner alone (mode 0600).
//
// # Runs
//
// A file holds any number of finished runs and, last, at most one unfinished
// one. What identifies a run is its scan.Scope (URL, groups, depth) and the
// facts that the program knew when it began. Every row carries its run_id.
//
// # Durability
//
// Every Commit is one transaction. While a run is open the file is in WAL mode
// with synchronous=NORMAL: what was committed survives the death of the process
// (kill -9), since the operating system has it; the death of the machine may
// cost the last commits but never damages the file, and resuming asks for them
// again. FULL would add a disk flush to every commit, which is once per project
// in a deep scan, to save seconds of reading. Finish and Close fold the log into
// the file, so that what remains is a single file. A file whose scan was killed
// has a log beside it (-wal), which the next Begin or Open folds in.
//
// The writer holds SQLite's exclusive lock for as long as it has the file open:
// a second one, or a reader, is told so at once.
//
// # Schema
//
// The file's application_id is 0x52644C62 ("RdLb"), its user_version the version
// of this schema.
//
//	run    one scan: url, groups (JSON list), depth, tool, started, finished
//	       (RFC 3339; NULL: unfinished), hash, requests (JSON)
//	field  the order of the facts in row.facts: level, part, position → fact
//	gap    every distinct reason why something could not be read: number → reason,
//	       status, endpoint, cure. Thousands of projects share one.
//	walk   how far a level's listing has come: cursor, listed, done, gap (number)
//	row    one part (listing, wide, deep) of one subject: level, id, part,
//	       identity (JSON object; in the listing part), facts, extra
//	note   what holds of a run as a whole, e.g. that certificates were not verified;
//	       only there if there ever was one
//	fact   a view for people: one line per fact of each subject
//
// row.facts is a JSON list with one element per field of that level and part:
//
//	12, true, "text", ["a"], [{"key": …}]   the value
//	{"gap": 7}                              no value, for the reason gap.number = 7
//	{"gap": 7, "value": [ … ]}              a list that was cut, with its items so far
//	null                                    not answered for, or not in this part
//
// row.extra is NULL or a JSON object, by fact id, of facts that this part's
// answer told although another part is the one that asks for them. Where two
// parts tell the same fact, the later part (listing, wide, deep) is right.
//
// The view is meant for questions that no report answers, in any SQLite shell:
//
//	SELECT address, value FROM fact WHERE fact = 'project.lfs-objects-size' ORDER BY value DESC LIMIT 10;
//	SELECT reason, endpoint, count(*) FROM fact WHERE reason IS NOT NULL GROUP BY 1, 2;
//
// # Hash
//
// A finished run has the SHA-256 of its logical content: every subject in the
// order of level and id with its identity and its merged facts in the order of
// their ids, each as its JSON value or its gap written out, the gap of every walk
// that ended early, and the run's notes. It depends on no time, count of requests or order of
// arrival; an interrupted and resumed scan of an unchanged source has the hash of
// an undisturbed one.
package snapshot
