package magento

import (
	"errors"
	"fmt"
	"net/http"
)

const grantedResource = "Byte8_Client::byte8_webapi"

// webError is an answer in the form of Magento's REST errors.
type webError struct {
	Status     int               `json:"-"`
	Message    string            `json:"message"`
	Errors     []webErrorDetail  `json:"errors,omitempty"`
	Parameters map[string]string `json:"parameters,omitempty"`
}

type webErrorDetail struct {
	Message    string            `json:"message"`
	Parameters map[string]string `json:"parameters,omitempty"`
}

func (e *webError) Error() string { return fmt.Sprintf("%d %s", e.Status, e.Message) }

func badRequest(message string) *webError {
	return &webError{Status: http.StatusBadRequest, Message: message}
}

func unauthorized() *webError {
	return &webError{
		Status:     http.StatusUnauthorized,
		Message:    "The consumer isn't authorized to access %resources.",
		Parameters: map[string]string{"resources": grantedResource},
	}
}

func noRoute() *webError {
	return &webError{Status: http.StatusNotFound, Message: "Request does not match any route."}
}

func noEntity(kind Kind, id string) *webError {
	switch kind {
	case KindCustomer:
		return &webError{
			Status:     http.StatusNotFound,
			Message:    "No such entity with %fieldName = %fieldValue",
			Parameters: map[string]string{"fieldName": "customerId", "fieldValue": id},
		}
	case KindProduct:
		return &webError{
			Status:  http.StatusNotFound,
			Message: "The product that was requested doesn't exist. Verify the product and try again.",
		}
	default:
		return &webError{
			Status:  http.StatusNotFound,
			Message: "The entity that was requested doesn't exist. Verify the entity and try again.",
		}
	}
}

// masked hides a failure behind a report id, as the shop does outside developer mode.
func masked(report string) *webError {
	return &webError{
		Status:  http.StatusInternalServerError,
		Message: "Internal Error. Details are available in Magento log file. Report ID: webapi-" + report,
	}
}

// missingFields is nil when no name is given; Magento names a single missing field in the message
// and several in a list.
func missingFields(names []string) error {
	details := make([]webErrorDetail, 0, len(names))
	for _, name := range names {
		details = append(details, webErrorDetail{
			Message:    `"%fieldName" is required. Enter and try again.`,
			Parameters: map[string]string{"fieldName": name},
		})
	}
	switch len(details) {
	case 0:
		return nil
	case 1:
		return &webError{
			Status:     http.StatusBadRequest,
			Message:    details[0].Message,
			Parameters: details[0].Parameters,
		}
	default:
		return &webError{
			Status:  http.StatusBadRequest,
			Message: "One or more input exceptions have occurred.",
			Errors:  details,
		}
	}
}

func asWebError(err error) (*webError, bool) {
	return errors.AsType[*webError](err)
}
