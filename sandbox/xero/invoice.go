package xero

func (c *call) createInvoices() answer { return c.createDocuments(typeSales) }

func (c *call) upsertInvoices() answer { return c.upsertDocuments(typeSales) }

func (c *call) updateInvoice() answer { return c.updateDocument(typeSales) }

func (c *call) readInvoice() answer { return c.readDocument(typeSales) }
