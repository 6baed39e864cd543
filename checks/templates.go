package checks

// templateNames are the templates that include:template finds at GitLab 18.9,
// without their ending. Source: templatesSource.
const templateNames = `
	5-Minute-Production-App AWS/CF-Provision-and-Deploy-EC2 AWS/Deploy-ECS Android-Fastlane Android Android.latest Auto-DevOps Bash C++ Chef
	Clojure Code-Quality Composer Cosign Crystal Dart Deploy-ECS Diffblue-Cover Django Docker Elixir Flutter Getting-Started Go Gradle Grails
	Indeni.Cloudrail Jobs/Browser-Performance-Testing Jobs/Browser-Performance-Testing.latest Jobs/Build Jobs/Build.latest Jobs/CF-Provision
	Jobs/Code-Intelligence Jobs/Code-Quality Jobs/Container-Scanning Jobs/Container-Scanning.latest Jobs/DAST-Default-Branch-Deploy
	Jobs/Dependency-Scanning Jobs/Dependency-Scanning.latest Jobs/Dependency-Scanning.v2 Jobs/Deploy Jobs/Deploy.latest Jobs/Deploy/EC2
	Jobs/Deploy/ECS Jobs/Helm-2to3 Jobs/Load-Performance-Testing Jobs/Multi-Container-Scanning.latest Jobs/SAST-IaC Jobs/SAST-IaC.latest
	Jobs/SAST Jobs/SAST.latest Jobs/Secret-Detection Jobs/Secret-Detection.latest Jobs/Test Julia Kaniko Katalon LaTeX Laravel MATLAB Maven
	Mono Nodejs OpenShift OpenTofu.latest OpenTofu/Base.latest PHP Packer Pages/Brunch Pages/Doxygen Pages/Gatsby Pages/HTML Pages/Harp
	Pages/Hexo Pages/Hugo Pages/Hyde Pages/JBake Pages/Jekyll Pages/Jigsaw Pages/Lektor Pages/Metalsmith Pages/Middleman Pages/Nanoc
	Pages/Octopress Pages/Pelican Pages/SwaggerUI Pages/Zola Python Qualys-IaC-Security Ruby Rust Scala Security/API-Discovery
	Security/API-Fuzzing Security/API-Fuzzing.latest Security/API-Security Security/API-Security.latest Security/BAS.latest
	Security/Container-Scanning Security/Container-Scanning.latest Security/Coverage-Fuzzing Security/Coverage-Fuzzing.latest Security/DAST-API
	Security/DAST-API.latest Security/DAST-On-Demand-API-Scan Security/DAST-On-Demand-Scan Security/DAST-Runner-Validation Security/DAST
	Security/DAST.latest Security/Dependency-Scanning Security/Fortify-FoD-sast Security/Multi-Container-Scanning.latest Security/SAST-IaC
	Security/SAST-IaC.latest Security/SAST Security/Secret-Detection Security/Secure-Binaries Swift Terraform-Module Terraform/Module-Base
	ThemeKit Verify/Accessibility Verify/Browser-Performance Verify/Browser-Performance.latest Verify/FailFast Verify/Load-Performance-Testing
	Workflows/Branch-Pipelines Workflows/MergeRequest-Pipelines dotNET-Core dotNET iOS-Fastlane liquibase npm
`
