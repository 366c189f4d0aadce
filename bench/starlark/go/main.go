// Runs each Starlark file given on the command line in the Go interpreter. Every file defines bench(n); prints one
// line per file: nanoseconds per call of bench and steps per call. With -compile, the cost of compiling instead; with
// -first, that of compiling, running and calling bench once.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"go.starlark.net/resolve"
	"go.starlark.net/starlark"
	"go.starlark.net/starlarkjson"
)

func main() {
	millis := flag.Int("ms", 1000, "time per program")
	compileOnly := flag.Bool("compile", false, "measure compiling")
	first := flag.Bool("first", false, "measure compiling, running and calling bench once")
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
		if *first {
			measure = func() uint64 {
				call := runner(path, source, predeclared)
				return call()
			}
		}
		measure()
		best := time.Duration(1 << 62)
		var steps uint64
		for begun, calls := cpuTime(), 1; cpuTime()-begun < budget; {
			start := cpuTime()
			for i := 0; i < calls; i++ {
				steps = measure()
			}
			took := cpuTime() - start
			if took >= budget/20 && took/time.Duration(calls) < best {
				best = took / time.Duration(calls)
			}
			if took < budget/20 {
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

// cpuTime is what the whole process has used, collecting garbage included: on a busy machine it says more than a clock.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
