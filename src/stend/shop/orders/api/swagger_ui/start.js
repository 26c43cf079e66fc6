// The contract is the file that was written first, not one that a framework made from code.
window.ui = SwaggerUIBundle({
  url: 'docs/openapi.yaml',
  dom_id: '#swagger-ui',
  deepLinking: true,
  validatorUrl: null,
  tryItOutEnabled: true,
});
