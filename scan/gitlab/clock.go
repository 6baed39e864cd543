package gitlab

import (
	"context"
	"time"
)

// Clock is the time the transport lives in; tests bring their own, in which
// waiting takes no time.
type Clock interface {
	Now() time.Time
	// Sleep returns after d, or with the context's error if that ends first.
	Sleep(ctx context.Context, d time.Duration) error
	// Within returns a context that ends with ctx, or after d with
	// context.DeadlineExceeded as its cause.
	Within(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc)
}

type wallClock struct{}

func (wallClock) Now() time.Time { return time.Now() }

func (wallClock) Within(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, d)
}

func (wallClock) Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
