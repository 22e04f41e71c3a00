// Command etcdtools is what an administrator backs etcd up with: etcdctl and
// etcdutl, picked by the first argument.
package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/etcdctl/v3/ctlv3"
	"go.etcd.io/etcd/etcdutl/v3/etcdutl"
)

const usage = "usage: etcdtools etcdctl|etcdutl [arguments]"

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, usage)
		os.Exit(2)
	}
	name := os.Args[1]
	os.Args = os.Args[1:]
	switch name {
	case "etcdctl":
		ctlv3.MustStart()
	case "etcdutl":
		// The program's own root command is in its package main.
		root := &cobra.Command{Use: "etcdutl"}
		root.PersistentFlags().StringVarP(&etcdutl.OutputFormat, "write-out", "w", "simple", "the format of what is printed")
		root.AddCommand(etcdutl.NewSnapshotCommand())
		if err := root.Execute(); err != nil {
			os.Exit(1)
		}
	default:
		fmt.Fprintf(os.Stderr, "unknown program %q\n%s\n", name, usage)
		os.Exit(2)
	}
}
