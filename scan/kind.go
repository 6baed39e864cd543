package scan

import "slices"

// kinded is an item of a listing whose items are of different kinds.
type kinded interface{ Kind() string }

// packageTypes are GitLab's, in its order.
// Source: app/models/packages/package.rb of GitLab, enum package_type.
var packageTypes = []string{"maven", "npm", "conan", "nuget", "pypi", "composer", "generic", "golang", "debian",
	"rubygems", "helm", "terraform_module", "rpm", "ml_model", "cargo"}

// Kinds lists the kinds that a fact's items are known to have, nil if it is no
// list by kind. A source may have kinds that are not among them.
func Kinds(id FactID) []string {
	if id == "project.package-registry" {
		return slices.Clone(packageTypes)
	}
	return nil
}

// AmountOf measures those items of a list whose kind counts. As with Amount, it
// is known only if the list is complete, and else a lower bound; of a fact
// whose items have no kind it is not known.
func AmountOf(r Read, counts func(kind string) bool) (int64, bool) {
	l, ok := r.(interface {
		amountOf(func(string) bool) (int64, bool)
	})
	if !ok {
		return 0, false
	}
	return l.amountOf(counts)
}

func (l Listing[T]) amountOf(counts func(kind string) bool) (n int64, known bool) {
	if _, has := any(*new(T)).(kinded); !has {
		return 0, false
	}
	for _, item := range l.Items {
		if counts(any(item).(kinded).Kind()) {
			n = Plus(n, amountOfItem(item))
		}
	}
	return n, l.known
}
