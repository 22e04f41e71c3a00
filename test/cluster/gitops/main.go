// Argo CD's reading of its settings and its Lua, and Flux's CEL and kstatus, as one program.
//
// It reads one JSON object from stdin: argocd (the data of argocd-cm), flux (healthCheckExprs) and objects. It writes a
// JSON array with a verdict for each object.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"

	"github.com/argoproj/argo-cd/v3/util/lua"
	"github.com/argoproj/argo-cd/v3/util/settings"
	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"github.com/fluxcd/pkg/apis/kustomize"
	"github.com/fluxcd/pkg/runtime/cel"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes/fake"
)

type question struct {
	ArgoCD  map[string]string             `json:"argocd"`
	Flux    []kustomize.CustomHealthCheck `json:"flux"`
	Objects []unstructured.Unstructured   `json:"objects"`
}

// The results of an action are the objects that it returns.
type action struct {
	Disabled    bool             `json:"disabled"`
	DisplayName string           `json:"displayName"`
	Results     []map[string]any `json:"results"`
}

type verdict struct {
	Argo    string            `json:"argo"`
	Message string            `json:"message"`
	Actions map[string]action `json:"actions"`
	Flux    string            `json:"flux"`
	// What Flux says where there are no expressions.
	Kstatus string `json:"kstatus"`
}

func main() {
	var asked question
	must(json.NewDecoder(os.Stdin).Decode(&asked))
	vm := lua.VM{ResourceOverrides: overrides(asked.ArgoCD)}
	verdicts := []verdict{}
	for i := range asked.Objects {
		object := &asked.Objects[i]
		health, err := lua.ResourceHealthOverrides(vm.ResourceOverrides).GetResourceHealth(object)
		must(err)
		plain, err := status.Compute(object)
		must(err)
		verdicts = append(verdicts, verdict{
			Argo:    string(health.Status),
			Message: health.Message,
			Actions: actions(vm, object),
			Flux:    flux(asked.Flux, object),
			Kstatus: string(plain.Status),
		})
	}
	must(json.NewEncoder(os.Stdout).Encode(verdicts))
}

// overrides has Argo CD read its ConfigMap.
func overrides(data map[string]string) lua.ResourceHealthOverrides {
	labels := map[string]string{"app.kubernetes.io/part-of": "argocd"}
	configMap := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: "argocd-cm", Namespace: "argocd", Labels: labels},
		Data:       data,
	}
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "argocd-secret", Namespace: "argocd", Labels: labels}}
	manager := settings.NewSettingsManager(context.Background(), fake.NewClientset(configMap, secret), "argocd")
	found, err := manager.GetResourceOverrides()
	must(err)
	return found
}

func actions(vm lua.VM, object *unstructured.Unstructured) map[string]action {
	scripts, err := vm.GetResourceActionDiscovery(object)
	must(err)
	discovered, err := vm.ExecuteResourceActionDiscovery(object, scripts)
	must(err)
	found := map[string]action{}
	for _, one := range discovered {
		definition, err := vm.GetResourceAction(object, one.Name)
		must(err)
		impacted, err := vm.ExecuteResourceAction(object, definition.ActionLua, nil)
		must(err)
		results := []map[string]any{}
		for _, result := range impacted {
			results = append(results, result.UnstructuredObj.Object)
		}
		found[one.Name] = action{one.Disabled, one.DisplayName, results}
	}
	return found
}

// flux returns Unknown where an expression fails: Flux waits then.
func flux(checks []kustomize.CustomHealthCheck, object *unstructured.Unstructured) string {
	for _, check := range checks {
		if check.APIVersion != object.GetAPIVersion() || check.Kind != object.GetKind() {
			continue
		}
		evaluator, err := cel.NewStatusEvaluator(&check.HealthCheckExpressions)
		must(err)
		result, err := evaluator.Evaluate(context.Background(), object)
		if err != nil {
			return string(status.UnknownStatus)
		}
		return string(result.Status)
	}
	return ""
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
