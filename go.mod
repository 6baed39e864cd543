module readiness

go 1.26
