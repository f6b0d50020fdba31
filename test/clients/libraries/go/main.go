// The official Go SDK; asked and answering as jobs.py says.
package main

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/modelcontextprotocol/go-sdk/oauthex"
)

type job struct {
	Name      string
	Tool      string
	Arguments map[string]any
	When      string
	Touch     string
	Cancel    bool
}

type result struct {
	Content []mcp.Content `json:"content,omitempty"`
	Failed  string        `json:"failed,omitempty"`
}

func main() {
	var asked struct {
		URL   string
		Calls []job
	}
	must(json.NewDecoder(os.Stdin).Decode(&asked))
	ctx := context.Background()

	heard := func(string) {}
	client := mcp.NewClient(&mcp.Implementation{Name: "a Go host", Version: "1"}, &mcp.ClientOptions{
		ProgressNotificationHandler: func(_ context.Context, request *mcp.ProgressNotificationClientRequest) {
			heard(request.Params.Message)
		},
	})
	session, err := client.Connect(ctx, &mcp.StreamableClientTransport{Endpoint: asked.URL, OAuthHandler: signIn()}, nil)
	must(err)
	listed, err := session.ListTools(ctx, nil)
	must(err)
	tools := []string{}
	for _, tool := range listed.Tools {
		tools = append(tools, tool.Name)
	}

	results := map[string]result{}
	for _, each := range asked.Calls {
		calling, cancel := context.WithCancel(ctx)
		heard = func(message string) {
			if each.When == "" || !strings.Contains(message, each.When) {
				return
			}
			if each.Touch != "" {
				must(os.WriteFile(each.Touch, nil, 0o644))
			}
			if each.Cancel {
				cancel()
			}
		}
		call := &mcp.CallToolParams{Name: each.Tool, Arguments: each.Arguments}
		call.SetProgressToken(each.Name)
		answer, err := session.CallTool(calling, call)
		if err != nil {
			results[each.Name] = result{Failed: err.Error()}
		} else {
			results[each.Name] = result{Content: answer.Content}
		}
		cancel()
	}
	must(session.Close())
	must(json.NewEncoder(os.Stdout).Encode(map[string]any{"tools": tools, "results": results}))
}

// signIn opens the browser, and waits for it on a port of its own.
func signIn() auth.OAuthHandler {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	answers := make(chan *auth.AuthorizationResult, 1)
	go http.Serve(listener, http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
		answer := request.URL.Query()
		if answer.Has("code") {
			answers <- &auth.AuthorizationResult{Code: answer.Get("code"), State: answer.Get("state"), Iss: answer.Get("iss")}
		}
	}))
	handler, err := auth.NewAuthorizationCodeHandler(&auth.AuthorizationCodeHandlerConfig{
		DynamicClientRegistrationConfig: &auth.DynamicClientRegistrationConfig{
			Metadata: &oauthex.ClientRegistrationMetadata{
				ClientName:   "A Go host",
				RedirectURIs: []string{"http://" + listener.Addr().String() + "/callback"},
			},
		},
		AuthorizationCodeFetcher: func(ctx context.Context, args *auth.AuthorizationArgs) (*auth.AuthorizationResult, error) {
			if err := exec.Command(os.Getenv("BROWSER"), args.URL).Run(); err != nil {
				return nil, err
			}
			return <-answers, nil
		},
	})
	must(err)
	return handler
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
