package magento

// IsPublic lets tests judge addresses that cannot be dialled.
var IsPublic = isPublic
