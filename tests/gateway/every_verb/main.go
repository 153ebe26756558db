// Every verb over msgpack-RPC, by a client that knows nothing of AMMO: ugorji/go's codec under net/rpc. Usage: every_verb HOST:PORT
package main

import (
	"fmt"
	"log"
	"net"
	"net/rpc"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/ugorji/go/codec"
)

type object = map[string]interface{}
type list = []interface{}

var client *rpc.Client

func try(verb string, params ...interface{}) (object, error) {
	var answer object
	err := client.Call(verb, append(codec.MsgpackSpecRpcMultiArgs{}, params...), &answer) // params are an array, also where there are none
	return answer, err
}

func call(verb string, params ...interface{}) object {
	answer, err := try(verb, params...)
	if err != nil {
		log.Fatalf("%s: %v", verb, err)
	}
	return answer
}

func must(holds bool, what string, got interface{}) {
	if !holds {
		log.Fatalf("%s: %v", what, got)
	}
}

func number(of interface{}) float64 {
	v := reflect.ValueOf(of)
	switch {
	case v.CanInt():
		return float64(v.Int())
	case v.CanUint():
		return float64(v.Uint())
	case v.CanFloat():
		return v.Float()
	}
	log.Fatalf("%v is no number", of)
	return 0
}

func item(slate object, i int) object { return slate["items"].(list)[i].(object) }

func main() {
	time.AfterFunc(30*time.Second, func() { log.Fatal("no answer in 30 s") })
	connection, err := net.Dial("tcp", os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	var form codec.MsgpackHandle
	form.RawToString = true // Go's strings, not its bytes
	form.MapType = reflect.TypeOf(object(nil))
	form.SliceType = reflect.TypeOf(list(nil))
	client = rpc.NewClientWithCodec(codec.MsgpackSpecRpc.ClientCodec(connection, &form))

	for goal, place := range map[string][]float64{"1": {1, 0}, "2": {0, 1}, "3": {0.6, 0.8}} {
		title := "Film " + goal
		call("put_goal", goal, object{"subspace": "film", "grounded": place, "item": object{"title": title}, "facts": list{object{"name": "title", "text": title}}})
	}
	must(call("put_user", "7")["created"] == true, "put_user", "not created")
	call("put_interest", "7", object{"subspace": "film", "vector": []float64{1, 0}})
	slates := make([]object, 100)
	calls := make([]*rpc.Call, len(slates))
	for i := range slates {
		calls[i] = client.Go("get_slate", codec.MsgpackSpecRpcMultiArgs{"7", object{"slots": 2}}, &slates[i], nil)
	}
	for i, asked := range calls {
		<-asked.Done
		must(asked.Error == nil && len(slates[i]["items"].(list)) == 2, "get_slate", asked.Error)
	}
	first, second := item(slates[0], 0), item(slates[0], 1)
	answer := call("post_feedback", list{object{"user": "7", "impression": first["impression"], "value": 1}})
	must(number(answer["accepted"]) == 1, "post_feedback", answer)
	answer = call("post_preferences", "7", object{"better": item(slates[1], 0)["impression"], "worse": item(slates[1], 1)["impression"]})
	must(number(answer["accepted"]) == 1, "post_preferences", answer)
	answer = call("post_question", "7", second["impression"], object{"text": "who made it?"})
	must(answer["goal"] == second["goal"] && number(answer["questions_left"]) == 15, "post_question", answer)
	answer = call("get_why", "7", second["impression"])
	must(number(answer["rewards"]) >= 1, "get_why", answer)
	answer = call("get_belief", "7")
	must(number(answer["rounds"]) == 100, "get_belief", answer)
	receipt := call("post_creation", "1", object{"e": []float64{0.9, 0.1}})
	call("delete_creation", "1", receipt["creation"])
	answer = call("post_text", "1", object{"text": "a film"})
	must(strings.HasPrefix(answer["title"].(string), "Film 1"), "post_text", answer)
	must(call("get_livez")["status"] == "live", "get_livez", "not alive")
	must(call("get_readyz")["status"] == "ready", "get_readyz", "not ready")
	must(call("get_health")["ready"] == true, "get_health", "not ready")
	answer = call("get_statistics")
	must(number(answer["users"]) == 1, "get_statistics", answer)
	_, refused := try("get_slate", "99")
	must(refused != nil && strings.Contains(refused.Error(), "unknown_user"), "get_slate of nobody", refused)
	call("delete_goal", "3")
	call("delete_user", "7")
	client.Close()
	fmt.Println("every verb has answered")
}
