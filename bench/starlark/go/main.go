// Runs each Starlark file given on the command line in the Go interpreter. Every file defines bench(n); prints one
// line per file: nanoseconds per call of bench and steps per call. With -compile, the cost of compiling instead.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.starlark.net/resolve"
	"go.starlark.net/starlark"
	"go.starlark.net/starlarkjson"
)

func main() {
	millis := flag.Int("ms", 1000, "time per program")
	compileOnly := flag.Bool("compile", false, "measure compiling")
	flag.Parse()
	resolve.AllowSet, resolve.AllowRecursion, resolve.AllowGlobalReassign = true, true, true
	predeclared := starlark.StringDict{"json": starlarkjson.Module}
	budget := time.Duration(*millis) * time.Millisecond
	for _, path := range flag.Args() {
		source, err := os.ReadFile(path)
		check(err)
		measure := runner(path, source, predeclared)
		if *compileOnly {
			measure = func() uint64 {
				_, _, err := starlark.SourceProgram(path, source, predeclared.Has)
				check(err)
				return 0
			}
		}
		measure()
		best := time.Duration(1 << 62)
		var steps uint64
		for begun, calls := time.Now(), 1; time.Since(begun) < budget; {
			start := time.Now()
			for i := 0; i < calls; i++ {
				steps = measure()
			}
			took := time.Since(start)
			if took/time.Duration(calls) < best {
				best = took / time.Duration(calls)
			}
			if took < budget/50 {
				calls *= 2
			}
		}
		fmt.Printf("%s %d %d\n", filepath.Base(path), best.Nanoseconds(), steps)
	}
}

func runner(path string, source []byte, predeclared starlark.StringDict) func() uint64 {
	thread := &starlark.Thread{}
	globals, err := starlark.ExecFile(thread, path, source, predeclared)
	check(err)
	return func() uint64 {
		before := thread.ExecutionSteps()
		_, err := starlark.Call(thread, globals["bench"], nil, nil)
		check(err)
		return thread.ExecutionSteps() - before
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
