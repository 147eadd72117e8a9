package fault

import (
	"fmt"
	"net/http"
	"strconv"
)

// statusText returns a status with its standard name. It ignores the text that the server sent.
func statusText(status int) string {
	if name := http.StatusText(status); name != "" {
		return fmt.Sprintf("%d %s", status, name)
	}
	return strconv.Itoa(status)
}

// absentHint says what to do about a status by which nothing is at the address.
func absentHint(at At, status int) string {
	if status == http.StatusGone {
		return "It was there, and was removed for good at " + at.Source + ". " + at.Address
	}
	return "It may have been renamed, deleted or given to another owner at " + at.Source + ". " + at.Address
}

// refusedHint says what to do about a status by which the request was refused.
func refusedHint(at At, status int) string {
	const proxy = "Look for a proxy in between, and at the worker's proxy settings."
	switch status {
	case http.StatusBadRequest:
		return "The request has a mistake in it. " + at.Address
	case http.StatusPaymentRequired:
		return "A payment is due at " + at.Source + ", or its plan doesn't include this: check the account there."
	case http.StatusMethodNotAllowed:
		return "The address belongs to something that can't be read. " + at.Address
	case http.StatusNotAcceptable:
		return "It can't be had as JSON at this address. " + at.Address
	case http.StatusProxyAuthRequired:
		return "A proxy in between wants credentials: put them into the worker's proxy settings."
	case http.StatusConflict, http.StatusLocked:
		return "Somebody is changing it at " + at.Source + " (" + statusText(status) +
			"). Start a sync with `starter resync` when that is done."
	case http.StatusRequestEntityTooLarge, http.StatusRequestURITooLong, http.StatusRequestHeaderFieldsTooLarge:
		return "The address or a header is too long (" + statusText(status) + "). " + at.Address + " " + proxy
	case http.StatusMisdirectedRequest:
		return "The request reached a server of another host. " + proxy
	case http.StatusUnprocessableEntity:
		return "The request names something that " + at.Source + " can't use. " + at.Address
	case http.StatusUpgradeRequired:
		return "The server wants another protocol. " + proxy
	case http.StatusUnavailableForLegalReasons:
		return "It is blocked for legal reasons: ask " + at.Source + " where the worker may connect from."
	}
	switch {
	case status < 300:
		return fmt.Sprintf("Status %d comes without the data. %s", status, proxy)
	case status < 400:
		return fmt.Sprintf("Status %d points elsewhere, but not to an address that can be followed. %s", status, at.Address)
	}
	return fmt.Sprintf("Status %d is unusual. %s %s", status, at.Address, proxy)
}

// failedHint says what to do about a status by which the server failed.
func failedHint(at At, status int) string {
	page := at.Source + "'s status page"
	switch status {
	case http.StatusRequestTimeout:
		return "The request took too long to arrive. If it lasts, check the worker's way out (firewall, proxy)."
	case http.StatusTooEarly:
		return "The server wants the request after the connection is made. If it lasts, look for a proxy in between."
	case http.StatusInternalServerError:
		return "An error occurred at " + at.Source + ". If it lasts, " + at.Failure + ", and look at " + page + "."
	case http.StatusNotImplemented:
		return "The server doesn't know such requests. If it lasts, look for a proxy in between. " + at.Address
	case http.StatusBadGateway:
		return "A gateway in front of " + at.Source + " got no usable answer from it. If it lasts, look at " + page + "."
	case http.StatusServiceUnavailable:
		return at.Source + " is overloaded or in maintenance. If it lasts, look at " + page + "."
	case http.StatusGatewayTimeout:
		return "A gateway in front of " + at.Source + " waited too long for it. If it lasts, " + at.Failure + "."
	}
	return fmt.Sprintf("Status %d is unusual. If it lasts, look at %s and for a proxy in between.", status, page)
}
