package scan

// CIMention is one thing that a project's CI/CD configuration says and that a
// migration may touch: an include, an image, a host, a tag. No text of the file
// is kept but its name: neither scripts nor values of variables.
type CIMention struct {
	Kind CIKind `json:"kind"`
	File string `json:"file"` // path in the project's repository
	Line int    `json:"line"` // from 1; 0: of the file as a whole
	// Value is what is mentioned, at most 200 bytes, in the form that its kind
	// names. User names, passwords, queries and fragments of addresses are dropped.
	Value string `json:"value"`
	// Job is the job, or the keyword outside jobs, that mentions it; "": neither.
	Job string `json:"job,omitempty"`
	// Own reports that Value lies on the scanned instance: its host, its registry,
	// its Pages domain, or a project of it.
	Own bool `json:"own,omitempty"`
	// Open reports that Value has a variable in it, so that the file alone does not
	// tell what is meant.
	Open bool `json:"open,omitempty"`
}

// CIKind is what kind of thing a CI/CD configuration mentions.
type CIKind string

// The kinds of mentions and the form of their values.
const (
	CIIncludeLocal     CIKind = "include-local"     // path in the repository
	CIIncludeProject   CIKind = "include-project"   // full path of the project
	CIIncludeRemote    CIKind = "include-remote"    // host and path
	CIIncludeTemplate  CIKind = "include-template"  // name of a template of GitLab's
	CIIncludeComponent CIKind = "include-component" // host/path/name@version
	CIImage            CIKind = "image"             // image reference
	CIService          CIKind = "service"           // image reference
	CIHost             CIKind = "host"              // host of the source, written out in a script or a variable
	CIAddress          CIKind = "ip-address"        // IP address
	CIForeignHost      CIKind = "foreign-host"      // host of another server, written out in an address; each where it comes first
	CITag              CIKind = "runner-tag"        // tag
	CITrigger          CIKind = "trigger"           // full path of the project
	CINeedsProject     CIKind = "needs-project"     // full path of the project
	CIJobToken         CIKind = "job-token"         // what CI_JOB_TOKEN is used for: a project's path, or "api", "git", "registry", "packages"
	CIVariable         CIKind = "variable"          // name of a variable that the configuration uses and does not define
	CISecrets          CIKind = "secrets"           // provider: vault, azure_key_vault, gcp_secret_manager …
	CIIDToken          CIKind = "id-token"          // audience
	CIEnvironment      CIKind = "environment"       // name
	CIPages            CIKind = "pages"             // name of the job
	CITerraform        CIKind = "terraform"         // what shows that a job keeps Terraform state in GitLab
	CIScanner          CIKind = "scanner"           // template or analyzer image of a security scanner
	CIDeprecated       CIKind = "deprecated"        // keyword that GitLab deprecated or removed
	CIConfigElsewhere  CIKind = "config-elsewhere"  // path@project, or host and path, of a configuration outside the repository, which is not read
	CIProblem          CIKind = "problem"           // what is wrong with the file, in words
)

// CIKinds lists every kind of mention.
func CIKinds() []CIKind {
	return []CIKind{CIIncludeLocal, CIIncludeProject, CIIncludeRemote, CIIncludeTemplate, CIIncludeComponent, CIImage, CIService, CIHost, CIAddress,
		CIForeignHost, CITag, CITrigger, CINeedsProject, CIJobToken, CIVariable, CISecrets, CIIDToken, CIEnvironment, CIPages, CITerraform,
		CIScanner, CIDeprecated, CIConfigElsewhere, CIProblem}
}
