package scan

// unreadFacts are facts that a migration's outcome depends on and that this
// version cannot read yet, each with the reason.
var unreadFacts = []Entry{}
